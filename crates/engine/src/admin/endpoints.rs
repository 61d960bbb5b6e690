//! Webhook endpoints and their signing secrets.

use naru_domain::StoreId;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::directory::oldest_first;
use crate::records::{EndpointRecord, EndpointSecret, Environment, PayloadFormat, PayloadVersion};
use crate::webhooks::{endpoint_place, generate_secret};
use crate::{Engine, Fault};

/// Signing secrets of an endpoint: two while they are rotated.
const SECRETS_MAX: usize = 2;

/// An endpoint to create.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Whose.
    pub store_id: StoreId,
    /// Its id, made if not given.
    pub id: Option<String>,
    /// For live or test channels.
    pub environment: Environment,
    /// Where to.
    pub url: Option<String>,
    /// Version of the payload.
    pub version: PayloadVersion,
    /// Form of the payload.
    pub format: PayloadFormat,
    /// A given secret (`whsec_…`), in the sandbox only; else one is made.
    pub secret: Option<String>,
}

impl Engine {
    /// Creates an endpoint. Gives its signing secret, which is not shown again.
    pub async fn create_endpoint(
        &self,
        new: NewEndpoint,
    ) -> Result<(EndpointRecord, naru_connector::Secret), Fault> {
        self.existing_store(&new.store_id).await?;
        if let Some(url) = &new.url {
            check_url(url)?;
        }
        if new.version == PayloadVersion::V20240425 && new.format == PayloadFormat::Form {
            return Err(Fault::invalid(
                "`format` of version `2024-04-25` is always JSON",
            ));
        }
        if new.secret.is_some() && !self.config().is_sandbox {
            return Err(Fault::invalid("a given secret is for the sandbox only"));
        }
        let id = new
            .id
            .unwrap_or_else(|| format!("endpoint-{}", self.random_uuid()));
        let secret = new
            .secret
            .unwrap_or_else(|| generate_secret(self.entropy()));
        let place = endpoint_place(&new.store_id, &id);
        let record = EndpointRecord {
            store_id: new.store_id,
            id,
            environment: new.environment,
            url: new.url,
            version: new.version,
            format: new.format,
            secrets: vec![self.sealed_secret(&place, &secret)],
            created_at: self.now(),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok((record, naru_connector::Secret::new(secret)))
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid("`id` is taken")),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates an endpoint for a developer's machine: sandbox only, signed as the store's first
    /// test endpoint is, so that the developer needs no other secret.
    pub async fn create_listener(
        &self,
        store_id: &StoreId,
        url: String,
    ) -> Result<EndpointRecord, Fault> {
        if !self.config().is_sandbox {
            return Err(Fault::invalid("listeners are for the sandbox only"));
        }
        check_url(&url)?;
        let store = self.existing_store(store_id).await?;
        let model = self
            .endpoints(&store, Environment::Test)
            .await?
            .into_iter()
            .next();
        let id = format!("listener-{}", self.random_uuid());
        let place = endpoint_place(store_id, &id);
        let mut secrets = Vec::new();
        for one in model.iter().flat_map(|model| &model.secrets) {
            let owner = model.as_ref().map_or(store_id, |model| &model.store_id);
            let from = endpoint_place(owner, model.as_ref().map_or("", |model| model.id.as_str()));
            let opened = self
                .keys()
                .open(&from, &one.secret)
                .map_err(|error| Fault::internal(format!("webhook secret: {error}")))?;
            secrets.push(self.sealed_secret(&place, opened.expose()));
        }
        if secrets.is_empty() {
            secrets.push(self.sealed_secret(&place, &generate_secret(self.entropy())));
        }
        let record = EndpointRecord {
            store_id: store_id.clone(),
            id,
            environment: Environment::Test,
            url: Some(url),
            version: PayloadVersion::V20240425,
            format: PayloadFormat::Json,
            secrets,
            created_at: self.now(),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        self.commit(unit).await?;
        self.forget_directory();
        Ok(record)
    }

    fn sealed_secret(&self, place: &str, secret: &str) -> EndpointSecret {
        EndpointSecret {
            id: format!("webhook-secret-{}", self.random_uuid()),
            secret: self.keys().seal(self.entropy(), place, secret),
            created_at: self.now(),
        }
    }

    /// The endpoints of a store, or of all, the oldest first.
    pub async fn webhook_endpoints(
        &self,
        store_id: Option<&StoreId>,
    ) -> Result<Vec<EndpointRecord>, Fault> {
        let mut query = Query::of(&tables::WEBHOOK_ENDPOINTS, 1_000);
        if let Some(store_id) = store_id {
            query = query.and(Condition::Is("store_id", store_id.as_str().into()));
        }
        let found = self.store().list::<EndpointRecord>(query).await?;
        let mut found: Vec<_> = found.into_iter().map(|one| one.value).collect();
        oldest_first(&mut found);
        Ok(found)
    }

    /// Changes where an endpoint's webhooks go.
    pub async fn set_endpoint_url(
        &self,
        store_id: &StoreId,
        id: &str,
        url: Option<String>,
    ) -> Result<EndpointRecord, Fault> {
        if let Some(url) = &url {
            check_url(url)?;
        }
        let found = self.endpoint(store_id, id).await?;
        let value = EndpointRecord { url, ..found.value };
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    /// Adds a second signing secret; with two already, the older goes. Gives the new one.
    pub async fn rotate_endpoint_secret(
        &self,
        store_id: &StoreId,
        id: &str,
    ) -> Result<(EndpointRecord, naru_connector::Secret), Fault> {
        let mut found = self.endpoint(store_id, id).await?;
        let secret = generate_secret(self.entropy());
        let place = endpoint_place(store_id, id);
        let secrets = &mut found.value.secrets;
        while secrets.len() >= SECRETS_MAX {
            secrets.remove(0);
        }
        secrets.push(self.sealed_secret(&place, &secret));
        Ok((
            self.change(found).await?,
            naru_connector::Secret::new(secret),
        ))
    }

    /// Ends a rotation: only the newest signing secret stays.
    pub async fn expire_old_endpoint_secret(
        &self,
        store_id: &StoreId,
        id: &str,
    ) -> Result<EndpointRecord, Fault> {
        let mut found = self.endpoint(store_id, id).await?;
        let secrets = &mut found.value.secrets;
        while secrets.len() > 1 {
            secrets.remove(0);
        }
        self.change(found).await
    }

    /// Removes an endpoint.
    pub async fn remove_endpoint(&self, store_id: &StoreId, id: &str) -> Result<(), Fault> {
        let found = self.endpoint(store_id, id).await?;
        let mut unit = Commit::new(self.new_uuid());
        unit.delete(&found);
        self.commit(unit).await?;
        self.forget_directory();
        Ok(())
    }

    pub(crate) async fn endpoint(
        &self,
        store_id: &StoreId,
        id: &str,
    ) -> Result<Versioned<EndpointRecord>, Fault> {
        let key = vec![store_id.as_str().into(), id.into()];
        let found = self.store().load::<EndpointRecord>(key).await?;
        found.ok_or_else(|| {
            Fault::invalid(format!(
                "`{id}` is no endpoint of `{store_id}`; see `naru webhooks list`"
            ))
        })
    }
}

/// What can be said of an address without resolving it; where it may lead is the transport's to
/// decide at each delivery.
fn check_url(url: &str) -> Result<(), Fault> {
    let uri: Result<http::Uri, _> = url.parse();
    let is_good = uri.is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if is_good {
        Ok(())
    } else {
        Err(Fault::invalid("`url` must be an http or https address"))
    }
}
