//! Config files: what is refused, with which words, and what wins over what.

use std::path::{Path, PathBuf};

use naru_server::config::{self, Loaded, LogFormat, Source};
use naru_server::failure::Failure;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A directory with a config file.
struct File(tempfile::TempDir);

impl File {
    fn new(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("naru.toml"), text).unwrap();
        Self(directory)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("naru.toml")
    }

    fn load(&self, environment: &[(&str, &str)]) -> Result<Loaded, Failure> {
        let environment = environment
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        config::load(&self.path(), environment)
    }

    /// The words of a failure, with the directory taken out.
    fn words(&self, failure: &Failure) -> String {
        let directory = self.0.path().to_str().unwrap();
        failure.to_string().replace(&format!("{directory}/"), "")
    }

    fn refusal(&self, environment: &[(&str, &str)]) -> String {
        self.words(&self.load(environment).unwrap_err())
    }
}

#[test]
fn mistakes_are_named_with_file_and_line() {
    for (text, words) in [
        (
            "[server]\npublic = \"0.0.0.0:80\"\n\npublik = 1\n",
            "config file `naru.toml` line 4: unknown field `publik`, expected one of `public`, \
             `private`, `public_url`, `tls_certificate`, `tls_key`, `trusted_proxies`, \
             `outbound_ip`",
        ),
        (
            "[sever]\n",
            "config file `naru.toml` line 1: unknown field `sever`, expected one of `server`, \
             `database`, `keys`, `webhooks`, `compare`, `limits`, `log`",
        ),
        (
            "\n[log]\nformat = \"xml\"\n",
            "config file `naru.toml` line 3: unknown variant `xml`, expected one of `auto`, \
             `text`, `json`",
        ),
        (
            "[webhooks]\nallow_private = \"yes\"\n",
            "config file `naru.toml` line 2: invalid type: string \"yes\", expected a boolean",
        ),
        (
            "[limits]\n# low\npg_per_host_max = 0\n",
            "`limits.pg_per_host_max` (naru.toml line 3): `0` is not from 1 to 10000 requests",
        ),
    ] {
        assert_eq!(File::new(text).refusal(&[]), words, "{text}");
    }
    let broken = File::new("[log]\nlevel = \"info\n").refusal(&[]);
    assert!(
        broken.starts_with("config file `naru.toml` line 2: "),
        "{broken}"
    );
}

#[test]
fn the_environment_goes_before_the_file() {
    let file = File::new("[log]\nlevel = \"warn\"\n[limits]\npg_per_host_max = 2\n");
    let loaded = file
        .load(&[
            ("NARU_LIMITS__PG_PER_HOST_MAX", "3"),
            ("NARU_WEBHOOKS__ALLOW_PRIVATE", "true"),
            ("NARU_LOG__FORMAT", "json"),
            ("NARU_SERVER__PUBLIC_URL", "https://pay.example.com"),
            ("NARU_SOMETHING", "else"),
            ("PATH", "/bin"),
        ])
        .unwrap();
    assert_eq!(loaded.config.limits.pg_per_host_max, 3);
    assert!(loaded.config.webhooks.allow_private);
    assert_eq!(loaded.config.log.format, LogFormat::Json);
    assert_eq!(loaded.config.log.level, "warn");
    assert_eq!(
        *loaded.source("log.level"),
        Source::File {
            path: file.path(),
            line: 2
        }
    );
    assert_eq!(
        *loaded.source("limits.pg_per_host_max"),
        Source::Variable("NARU_LIMITS__PG_PER_HOST_MAX".to_owned())
    );
    assert_eq!(*loaded.source("server.public"), Source::Default);
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    let file = File::new("");
    assert_eq!(
        file.refusal(&[("NARU_SERVER__PUBLIK", "x")]),
        "environment variable `NARU_SERVER__PUBLIK`: unknown field `publik`, expected one of \
         `public`, `private`, `public_url`, `tls_certificate`, `tls_key`, `trusted_proxies`, \
         `outbound_ip`"
    );
    assert_eq!(
        file.refusal(&[("NARU_LIMITS__PG_PER_HOST_MAX", "many")]),
        "environment variable `NARU_LIMITS__PG_PER_HOST_MAX`: invalid type: string \"many\", \
         expected u32"
    );
    assert_eq!(
        file.refusal(&[("NARU_LIMITS__PG_PER_HOST_MAX", "0")]),
        "`limits.pg_per_host_max` (NARU_LIMITS__PG_PER_HOST_MAX): `0` is not from 1 to 10000 \
         requests"
    );
}

#[test]
fn tls_needs_a_certificate_and_its_key_and_an_encrypted_address() {
    let refused = |server: &str| {
        let text = format!(
            "[server]\n{server}\n[database]\nurl = \"sqlite:naru.db\"\n[keys]\nmaster = \"{KEY}\"\n"
        );
        let file = File::new(&text);
        let loaded = file.load(&[]).unwrap();
        let checked = loaded.check();
        checked.map_err(|failure| file.words(&failure)).err()
    };
    let (certificate, key) = ("tls_certificate = \"c.pem\"", "tls_key = \"k.pem\"");
    let url = |scheme: &str| format!("public_url = \"{scheme}://pay.example.com\"");
    assert_eq!(
        refused(certificate).unwrap(),
        "`server.tls_certificate` (naru.toml line 2): `server.tls_key` is not set"
    );
    assert_eq!(
        refused(key).unwrap(),
        "`server.tls_key` (naru.toml line 2): `server.tls_certificate` is not set"
    );
    let both = format!("{certificate}\n{key}\n");
    assert_eq!(refused(&both), None);
    assert_eq!(refused(&format!("{both}{}", url("https"))), None);
    assert_eq!(
        refused(&format!("{both}{}", url("http"))).unwrap(),
        "`server.public_url` (naru.toml line 4): `http://pay.example.com` is not encrypted"
    );
    assert_eq!(refused(&url("http")), None);
}

#[test]
fn secrets_come_from_files_and_are_not_shown() {
    let file = File::new("");
    let path = |name: &str| file.0.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("key"), format!("{KEY}\n")).unwrap();
    std::fs::write(path("url"), "postgres://naru:hunter2@db.example/naru\n").unwrap();
    let (key, url) = (path("key"), path("url"));
    let files = [
        ("NARU_KEYS__MASTER_FILE", &*key),
        ("NARU_DATABASE__URL_FILE", &*url),
    ];
    let loaded = file.load(&files).unwrap();
    loaded.check().unwrap();

    let shown = format!("{}{loaded:?}", loaded.print().unwrap());
    assert!(
        !shown.contains("hunter2") && !shown.contains(KEY),
        "{shown}"
    );

    let both = file.refusal(&[files[0], ("NARU_KEYS__MASTER", KEY)]);
    assert_eq!(
        both,
        "`keys.master` (NARU_KEYS__MASTER) and `keys.master_file` (NARU_KEYS__MASTER_FILE) are \
         both set"
    );
    let missing = file.refusal(&[("NARU_KEYS__MASTER_FILE", &path("nowhere"))]);
    assert!(
        missing.starts_with("`keys.master_file` (NARU_KEYS__MASTER_FILE): can't read `nowhere`"),
        "{missing}"
    );
}

#[test]
fn what_a_server_needs_is_asked_for() {
    let refusal = |environment: &[(&str, &str)]| {
        let file = File::new("[keys]\n");
        file.words(&file.load(environment).unwrap().check().unwrap_err())
    };
    let database = ("NARU_DATABASE__URL", "sqlite:naru.db");
    let key = ("NARU_KEYS__MASTER", KEY);
    assert_eq!(refusal(&[key]), "no database is configured");
    assert_eq!(refusal(&[database]), "no master key is configured");
    assert_eq!(
        refusal(&[("NARU_DATABASE__URL", "naru.db"), key]),
        "`database.url` (NARU_DATABASE__URL): the database URL is neither SQLite nor PostgreSQL"
    );
    assert_eq!(
        refusal(&[database, ("NARU_KEYS__MASTER", "aGVsbG8=")]),
        "`keys.master` (NARU_KEYS__MASTER): the master key has 5 bytes instead of 32"
    );
    assert_eq!(
        refusal(&[
            database,
            key,
            ("NARU_SERVER__PUBLIC_URL", "pay.example.com")
        ]),
        "`server.public_url` (NARU_SERVER__PUBLIC_URL): `pay.example.com` is not an origin"
    );
}

#[test]
fn print_shows_every_value_with_its_source() {
    let file = File::new("[database]\nurl = \"postgres://naru:hunter2@db/naru\"\n");
    let printed = file
        .load(&[("NARU_KEYS__MASTER", KEY)])
        .unwrap()
        .print()
        .unwrap();
    let directory = file.0.path().to_str().unwrap();
    insta::assert_snapshot!(printed.replace(&format!("{directory}/"), ""));
    let again: toml::Table = printed.parse().unwrap();
    assert_eq!(again["keys"]["master"].as_str(), Some("(hidden)"));
}

#[test]
fn the_template_has_every_setting_with_its_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating/naru.toml");
    let text = std::fs::read_to_string(path).unwrap();
    // Taking the marks away must leave a valid file, apart from the alternatives.
    let commented: String = text
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        })
        .fold(String::new(), |all, line| all + line + "\n");
    let all: toml::Table = commented.parse().unwrap();
    let _typed: config::Config = toml::from_str(&commented).unwrap();

    let defaults = toml::Table::try_from(config::Config::default()).unwrap();
    for (section, settings) in &defaults {
        for (key, value) in settings.as_table().unwrap() {
            assert_eq!(all[section].get(key), Some(value), "{section}.{key}");
        }
    }
    let named: Vec<String> = all
        .iter()
        .flat_map(|(section, settings)| {
            settings
                .as_table()
                .unwrap()
                .keys()
                .map(move |key| format!("{section}.{key}"))
        })
        .collect();
    for key in [
        "server.public_url",
        "database.url",
        "database.url_file",
        "keys.master",
        "keys.master_file",
    ] {
        assert!(named.iter().any(|name| name == key), "{key}");
    }
}
