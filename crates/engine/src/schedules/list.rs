//! Lists of schedules.

use super::ScheduleView;
use crate::list::{ListFilter, Listed, Page, PageOf};
use crate::records::ScheduleRecord;
use crate::{Engine, Fault};

impl Listed for ScheduleRecord {}

impl Engine {
    /// `GET /payment-schedules`.
    pub async fn schedules(
        &self,
        filter: &ListFilter,
        page: Page,
    ) -> Result<PageOf<ScheduleView>, Fault> {
        let found = self
            .list_page::<ScheduleRecord>(filter, Vec::new(), page)
            .await?;
        Ok(PageOf {
            items: found.items.into_iter().map(|record| record.0).collect(),
            total_count: found.total_count,
        })
    }
}
