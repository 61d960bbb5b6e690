//! Paths as clients write them: a base URL that ends in a slash makes `//payments`.
//!
//! Only the slashes at the very front collapse; everything behind them belongs to ids, which may
//! hold anything.

use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;

/// Makes one slash of several at the front.
pub(crate) fn collapse(mut request: Request) -> Request {
    if let Some(uri) = collapsed(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn collapsed(uri: &Uri) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix("//")?;
    let path = format!("/{}", rest.trim_start_matches('/'));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slashes_at_the_front_collapse() {
        let uri: Uri = "//payments/a%2F%2Fb?storeId=//x".parse().unwrap();
        assert_eq!(
            collapsed(&uri).unwrap().to_string(),
            "/payments/a%2F%2Fb?storeId=//x"
        );
        let plain: Uri = "/payments//b".parse().unwrap();
        assert!(collapsed(&plain).is_none());
    }
}
