//! Standard Webhooks signatures: HMAC-SHA256 over id, timestamp and the exact body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::entropy::Entropy;

/// The signature of a message by one secret (`whsec_` and base64, or base64 alone). Nothing if
/// the secret is no base64.
pub fn signature(secret: &str, id: &str, timestamp_s: i64, body: &str) -> Option<String> {
    let encoded = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(encoded).ok()?);
    let mut context = hmac::Context::with_key(&key);
    for part in [id, ".", &timestamp_s.to_string(), ".", body] {
        context.update(part.as_bytes());
    }
    Some(format!("v1,{}", STANDARD.encode(context.sign())))
}

/// A new signing secret.
pub fn generate_secret(entropy: &dyn Entropy) -> String {
    let mut key = [0_u8; 32];
    entropy.fill(&mut key);
    format!("whsec_{}", STANDARD.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_matches_the_published_example() {
        // The example of the Standard Webhooks documents.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(
            secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signed.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_that_is_no_base64_signs_nothing() {
        assert_eq!(signature("whsec_!", "a", 1, "b"), None);
    }
}
