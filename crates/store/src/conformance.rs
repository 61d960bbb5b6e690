//! The suite that every backend passes.
//!
//! A case is an async function over a fresh store; [`conformance_tests!`](crate::conformance_tests)
//! makes each of them a test of its own. The cases use the real tables, since a backend has no
//! others, and know nothing of any backend. They bring no runtime: concurrency is many futures
//! joined in one task.
//!
//! Invariant: what one backend answers, all answer; a difference found later becomes a case here.
#![expect(
    clippy::unwrap_used,
    reason = "a test suite: a failure must stop the test"
)]

mod claims;
mod queries;
mod rows;
mod text;
mod units;
mod writes;

use std::sync::Arc;

use crate::{BoxFuture, Store};

/// One case. It panics where the store is not as it must be.
pub struct Case {
    /// Says the rule.
    pub name: &'static str,
    /// Runs it on a store that nobody has written to.
    pub run: fn(Arc<dyn Store>) -> BoxFuture<'static, ()>,
}

/// Runs the case of that name on a fresh store.
pub async fn run(name: &str, store: Arc<dyn Store>) {
    let case = CASES.iter().find(|case| case.name == name);
    (case.unwrap().run)(store).await;
}

macro_rules! cases {
    ($d:tt $($module:ident: $($name:ident),+;)+) => {
        /// Every case.
        pub static CASES: &[Case] = &[$($(Case {
            name: stringify!($name),
            run: |store| Box::pin(async move { $module::$name(&*store).await }),
        },)+)+];

        /// One test per case. Takes the path of an async function without parameters that gives
        /// a fresh store and something to keep while it is used:
        /// `async fn fresh() -> (Arc<dyn Store>, impl Any)`. The crate needs `tokio` with
        /// `macros` and `rt-multi-thread` for its tests.
        #[macro_export]
        macro_rules! conformance_tests {
            ($d make:path) => {
                $($(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $name() {
                        let (store, _kept) = $d make().await;
                        $crate::conformance::run(stringify!($name), store).await;
                    }
                )+)+
            };
        }
    };
}

cases! { $
    writes:
        insert_gives_back_the_same_row_at_version_one,
        every_table_stores_a_row,
        what_is_only_added_to_is_never_changed,
        nulls_and_extreme_integers_survive,
        update_replaces_all_and_raises_the_version,
        update_of_another_version_is_a_conflict,
        update_of_a_missing_row_is_a_conflict,
        insert_of_an_existing_key_is_a_conflict,
        what_is_expected_must_be_so_and_stays_as_it_is,
        units_that_expect_the_same_row_do_not_conflict,
        delete_of_another_version_is_a_conflict,
        delete_without_version_may_find_nothing,
        insert_after_delete_starts_again_at_version_one,
        upsert_inserts_then_replaces,
        many_rows_of_a_table_are_as_good_as_one_after_the_other,
        delete_where_deletes_what_matches_only,
        delete_where_that_can_match_nothing_deletes_nothing,
        delete_where_asks_other_tables,
        additions_at_once_all_count,
        additions_stop_at_their_bound,
        an_addition_needs_its_row_and_a_counter,
        a_mark_is_taken_off_the_version_that_was_read,
        what_can_be_cleared_is_a_column;
    units:
        writes_of_a_unit_apply_in_order,
        conflict_in_the_third_write_undoes_the_first_two,
        conflict_undoes_deletes_and_replacements,
        empty_unit_succeeds,
        retry_of_a_unit_changes_nothing,
        retry_after_later_writes_changes_nothing,
        retry_of_a_refused_unit_is_judged_anew,
        same_unit_many_times_at_once_applies_once,
        one_of_many_updates_at_once_wins,
        one_of_many_inserts_at_once_wins,
        independent_units_at_once_all_succeed,
        answered_units_are_seen_at_once,
        a_stamp_changes_with_its_payment_and_webhooks,
        malformed_units_are_refused_and_change_nothing,
        closed_store_is_unavailable,
        clock_does_not_run_backwards;
    queries:
        scan_compares_in_every_way,
        scan_in_lists,
        rows_of_several_ids,
        nulls_never_match,
        scan_exists_in_another_table,
        scan_orders_and_breaks_ties_by_key,
        order_with_a_key_column_first,
        nulls_sort_first,
        limit_and_offset_cut_pages,
        order_over_several_columns,
        count_stops_at_its_cap,
        queries_that_do_not_fit_are_errors;
    text:
        odd_texts_survive,
        texts_sort_and_compare_by_bytes,
        prefix_knows_no_wildcards,
        prefix_of_the_last_characters,
        text_with_nul_is_refused_and_never_found,
        bodies_come_back_byte_for_byte,
        large_bodies_survive;
    claims:
        claim_takes_due_jobs_of_its_queue_in_order,
        claimed_job_is_not_claimed_again_before_its_lease_ends,
        claim_stops_at_its_limit,
        busy_lanes_are_left_alone,
        a_busy_lane_full_of_due_jobs_hides_no_other_lane,
        claims_at_once_share_nothing,
        late_finisher_loses_to_the_new_lease,
        claim_keeps_the_rest_of_the_row;
}
