//! What is read from the files, and when it replaces what is served.

use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::*;

/// A directory with a certificate until the end of a year, and its key.
struct Directory(tempfile::TempDir);

impl Directory {
    fn new(until: i32) -> Self {
        let directory = Self(tempfile::tempdir().unwrap());
        directory.write(until);
        directory
    }

    fn files(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.0.path().join("certificate.pem"),
            key: self.0.path().join("key.pem"),
        }
    }

    fn write(&self, until: i32) {
        let (certificate, key) = made(until);
        std::fs::write(self.files().certificate, certificate).unwrap();
        std::fs::write(self.files().key, key).unwrap();
    }

    /// The words of a failure, with the directory taken out.
    fn refusal(&self) -> String {
        let failure = Identity::read(&self.files()).unwrap_err();
        assert!(failure.next_step().is_some(), "{failure}");
        let directory = format!("{}/", self.0.path().display());
        failure.to_string().replace(&directory, "")
    }
}

fn made(until: i32) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(until, 12, 31);
    let certificate = parameters.self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// The second at the end of a year's last day begins.
fn end_of(year: i16) -> i64 {
    let day = jiff::civil::date(year, 12, 31).to_zoned(jiff::tz::TimeZone::UTC);
    day.unwrap().timestamp().as_second()
}

#[test]
fn when_a_certificate_counts_is_read_from_it() {
    // Before and after the year in which the form of times changes.
    for year in [2049, 2050, 2098] {
        let directory = Directory::new(year.into());
        let validity = Identity::read(&directory.files()).unwrap().validity;
        assert_eq!(validity.not_before_s, 1_577_836_800);
        assert_eq!(validity.not_after_s, end_of(year));
    }
}

#[test]
fn what_can_not_be_served_is_refused_in_words() {
    let directory = Directory::new(2098);
    let TlsFiles { certificate, key } = directory.files();
    let good = std::fs::read(&key).unwrap();

    std::fs::write(&key, made(2098).1).unwrap();
    assert_eq!(
        directory.refusal(),
        "the key in `key.pem` is not that of the certificate in `certificate.pem`"
    );
    std::fs::write(&key, std::fs::read(&certificate).unwrap()).unwrap();
    assert_eq!(directory.refusal(), "`key.pem` holds no private key");
    std::fs::remove_file(&key).unwrap();
    assert_eq!(
        directory.refusal(),
        "can't read `key.pem`: No such file or directory (os error 2)"
    );
    std::fs::write(&key, &good).unwrap();
    Identity::read(&directory.files()).unwrap();

    std::fs::write(&certificate, &good).unwrap();
    assert_eq!(
        directory.refusal(),
        "`certificate.pem` holds no certificate"
    );
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&certificate, garbage).unwrap();
    assert!(
        directory
            .refusal()
            .ends_with("can't be used: it can't be read")
    );
}

#[test]
fn only_tls_1_2_and_1_3_are_spoken_and_only_http_1_1() {
    // A client that could do with less is told by its own list: the server's has two.
    let tls = Tls::new(Directory::new(2098).files()).unwrap();
    assert_eq!(tls.config.alpn_protocols, [b"http/1.1"]);
    assert_eq!(tls.config.max_early_data_size, 0);
    let suites = &tls.config.crypto_provider().cipher_suites;
    let versions: Vec<u16> = suites
        .iter()
        .map(|suite| suite.version().version.into())
        .collect();
    assert!(
        versions
            .iter()
            .all(|version| [0x303, 0x304].contains(version))
    );
}

/// What is served now, by the end of its year.
fn served_until(tls: &Tls) -> i64 {
    tls.served.identity().validity.not_after_s
}

#[test]
fn files_that_have_changed_are_read_and_others_are_not() {
    let directory = Directory::new(2097);
    let tls = Tls::new(directory.files()).unwrap();
    let mut seen = tls.stamp;
    directory.write(2098);
    // Written within the same tick of the file system's clock, perhaps: the time is set.
    let certificate = directory.files().certificate;
    let file = std::fs::File::options().write(true).open(certificate);
    let file = file.unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    file.set_modified(later).unwrap();
    assert_eq!(served_until(&tls), end_of(2097));
    tls.reload_if_changed(&mut seen, false);
    assert_eq!(served_until(&tls), end_of(2098));

    // The same stamp says that there is nothing new, unless somebody asks.
    let same = directory.files().stamp();
    directory.write(2096);
    let mut seen = directory.files().stamp();
    assert!(same != seen || served_until(&tls) == end_of(2098));
    tls.reload_if_changed(&mut seen, false);
    assert_eq!(served_until(&tls), end_of(2098));
    tls.reload_if_changed(&mut seen, true);
    assert_eq!(served_until(&tls), end_of(2096));
}

#[test]
fn a_certificate_and_its_key_that_change_one_after_the_other_are_taken_when_both_have() {
    let directory = Directory::new(2097);
    let tls = Tls::new(directory.files()).unwrap();
    let (certificate, key) = made(2098);
    let mut seen = tls.stamp;
    std::fs::write(directory.files().certificate, certificate).unwrap();
    tls.reload_if_changed(&mut seen, true);
    assert_eq!(served_until(&tls), end_of(2097), "the key is not there yet");
    std::fs::write(directory.files().key, key).unwrap();
    tls.reload_if_changed(&mut seen, true);
    assert_eq!(served_until(&tls), end_of(2098));
}

#[test]
fn an_expired_certificate_replaces_none_but_does_not_keep_a_server_from_starting() {
    let directory = Directory::new(2098);
    let tls = Tls::new(directory.files()).unwrap();
    directory.write(2021);
    let refused = tls.reload().unwrap_err().to_string();
    assert!(refused.ends_with("has expired"), "{refused}");
    assert_eq!(served_until(&tls), end_of(2098));
    assert_eq!(
        served_until(&Tls::new(directory.files()).unwrap()),
        end_of(2021)
    );
}
