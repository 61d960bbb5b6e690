//! What is said of a panic: where it was, never what it says (P8). Its message may quote a value:
//! that of a slice quotes the text that it cut, that of an `expect` the error.
//!
//! A message that is a literal of the source quotes nothing, and is said.

use std::any::Any;
use std::panic::{self, Location, PanicHookInfo};

/// From now on panics are logged without their messages.
pub fn hold_back() {
    panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        say(panic.location(), panic.payload());
    }));
}

fn say(location: Option<&Location<'_>>, payload: &(dyn Any + Send)) {
    let thread = std::thread::current();
    tracing::error!(
        at = location.map(ToString::to_string),
        thread = thread.name(),
        message = literal(payload),
        "a panic",
    );
}

fn literal(payload: &(dyn Any + Send)) -> &'static str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("held back: it may quote a value")
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A card number of nobody, and a secret.
    const CARD: &str = "4111111111111111가";
    const SECRET: &str = "canary-secret";

    #[test]
    fn a_panic_tells_its_place_and_quotes_nothing() {
        let lines = Lines::default();
        let written = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || written.clone());
        let before = panic::take_hook();
        hold_back();
        tracing::subscriber::with_default(log.with_ansi(false).finish(), || {
            let failed: Result<(), String> = Err(SECRET.to_owned());
            let panics: [&dyn Fn(); 5] = [
                &|| panic!("{CARD}"),
                // Cuts a character in two.
                &|| drop(std::hint::black_box(CARD)[..17].to_owned()),
                &|| failed.clone().expect("a literal before it"),
                &|| panic::panic_any(SECRET.to_owned()),
                &|| panic!("words of the source"),
            ];
            for panics in panics {
                assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            }
        });
        panic::set_hook(before);
        let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(said.matches("a panic").count(), 5, "{said}");
        assert_eq!(said.matches("panics.rs:").count(), 5, "{said}");
        assert!(said.contains("words of the source"), "{said}");
        assert!(!said.contains("4111") && !said.contains(SECRET), "{said}");
    }
}
