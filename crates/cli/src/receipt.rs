//! `verify --receipt`: what was verified and what came of it, in a form that can be signed and kept.
//!
//! What is signed is the text of the member `receipt` as it stands in the file: one line of JSON without spaces, of
//! texts and whole numbers only, so that other programs write the same bytes.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey};
use verify::{Report, Verdict};

use crate::args::VerifyArgs;
use crate::error::{Failure, Kind};

/// What a signature is for (the namespace of an SSH signature).
pub(crate) const NAMESPACE: &str = "truespec-receipt";

/// What is known before a run.
pub(crate) struct Receipt {
    sha256: String,
    key: Option<PrivateKey>,
}

impl Receipt {
    /// Reads the document's bytes and the key, so that a run is not lost to a key that cannot be read.
    pub(crate) fn prepare(args: &VerifyArgs, text: &str) -> Result<Receipt, Failure> {
        // The bytes of the file, as `sha256sum` sees them; standard input can be read only once.
        let bytes = std::fs::read(&args.spec).unwrap_or_else(|_| text.as_bytes().to_vec());
        let sha256 = Sha256::digest(&bytes).iter().map(|it| format!("{it:02x}")).collect();
        Ok(Receipt { sha256, key: args.key.as_deref().map(key).transpose()? })
    }

    /// The file's text.
    pub(crate) fn write(&self, args: &VerifyArgs, report: &Report, started: &str) -> Result<String, Failure> {
        let count = |verdict| report.count(verdict);
        let receipt = json!({
            "version": 1,
            "document": { "path": report.path, "title": report.title, "sha256": self.sha256 },
            "target": report.target,
            "commit": args.commit,
            // Whole numbers above 2^53 are not the same to all programs.
            "seed": report.seed.to_string(),
            "only": args.only,
            "safe": args.safe,
            "started": started,
            "milliseconds": u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
            "truespec": env!("CARGO_PKG_VERSION"),
            "findings": report.findings.len(),
            "cases": report.cases,
            "requests": report.requests,
            "clauses": {
                "held": count(Verdict::Passed), "broken": count(Verdict::Failed), "untested": count(Verdict::Untested),
            },
            "cut": report.cut.as_ref().map(ToString::to_string),
        });
        let message = receipt.to_string();
        let signature = match &self.key {
            Some(key) => Value::String(sign(key, message.as_bytes())?),
            None => Value::Null,
        };
        Ok(format!("{{\n\"receipt\": {message},\n\"signature\": {signature}\n}}\n"))
    }
}

fn key(file: &Path) -> Result<PrivateKey, Failure> {
    let name = file.display();
    let failed = |why: String| Failure::new(Kind::User, format!("the key `{name}` cannot be used: {why}"));
    let text = std::fs::read_to_string(file).map_err(|it| failed(it.to_string()))?;
    let key = PrivateKey::from_openssh(&text).map_err(|it| {
        failed(format!("{it}"))
            .hint("`ssh-keygen -t ed25519 -f FILE` makes one; the private part is wanted, not FILE.pub")
    })?;
    if key.is_encrypted() {
        return Err(failed("it is protected by a passphrase".to_owned())
            .hint("use a key of its own for receipts, without a passphrase and readable by you alone"));
    }
    if key.algorithm() != Algorithm::Ed25519 {
        return Err(failed(format!("it is of the kind {}", key.algorithm()))
            .hint("receipts are signed with Ed25519: `ssh-keygen -t ed25519 -f FILE`"));
    }
    Ok(key)
}

fn sign(key: &PrivateKey, message: &[u8]) -> Result<String, Failure> {
    let signed = key.sign(NAMESPACE, HashAlg::Sha512, message).and_then(|it| it.to_pem(LineEnding::LF));
    signed.map_err(|error| Failure::new(Kind::Internal, format!("the receipt cannot be signed: {error}")))
}
