//! TLS: who is trusted, and that nothing leads out of it.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::browser::{config, granting, serve};
use crate::registry::{Registry, redirect, reply};

/// An authority of the test's own, in PEM, and a server's side with a certificate of it for 127.0.0.1.
fn authority() -> (Vec<u8>, ServerConfig) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).expect("a root");
    let issuer = Issuer::new(params, key);

    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("parameters");
    let leaf = params.signed_by(&key, &issuer).expect("a certificate");
    let provider = rustls::crypto::ring::default_provider();
    let tls = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .expect("a server's side");
    (root.pem().into_bytes(), tls)
}

#[test]
fn an_authority_is_trusted_if_it_is_configured() {
    let (pem, tls) = authority();
    let registry = Registry::secure(tls, |_| reply(200, &[], b"{}"));
    let path = format!("/registry/{}/v2/a/manifests/1", registry.host());

    let mut config = granting([registry.host()]);
    config.ca_files = vec![pem];
    let answer = serve(config).get(&path);
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    assert_eq!(registry.asked().len(), 1);

    let (stranger, _) = authority();
    for ca_files in [Vec::new(), vec![stranger]] {
        let mut config = granting([registry.host()]);
        config.ca_files = ca_files;
        // A certificate that does not fit is no reason to try without one, loopback or not.
        assert_eq!(serve(config).get(&path).error(424), "tls-failed");
    }
    assert_eq!(registry.asked().len(), 1);
}

#[test]
fn a_file_without_certificates_is_refused_at_once() {
    let (pem, _) = authority();
    for file in [
        &b""[..],
        b"no PEM",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut config = config();
        config.ca_files = vec![pem.clone(), file.to_owned()];
        let error = layerscope_gateway::bind(config).expect_err("no authority");
        assert_eq!(error.name(), "ca-file");
        assert!(error.to_string().contains("CA file 1"));
    }
}

#[test]
fn nothing_leads_from_tls_to_plain() {
    let plain = Registry::plain(|_| reply(200, &[], br#"{"token":"x"}"#));
    let (location, realm) = (plain.url("/blob"), plain.url("/token"));
    let (pem, tls) = authority();
    let registry = Registry::secure(tls, move |asked| {
        match asked.target.ends_with("/redirect") {
            true => redirect(&location),
            false => {
                let challenge = format!("Bearer realm=\"{realm}\"");
                reply(401, &[("www-authenticate", &challenge)], b"")
            }
        }
    });
    let mut config = granting([registry.host(), plain.host()]);
    config.ca_files = vec![pem];
    let served = serve(config);
    let get = |tag: &str| {
        served.get(&format!(
            "/registry/{}/v2/a/manifests/{tag}",
            registry.host()
        ))
    };
    assert_eq!(get("redirect").error(403), "redirect-refused");
    // The same host by name, so its realm may be asked: but not like this.
    assert_eq!(get("realm").error(403), "downgrade");
    assert!(plain.asked().is_empty());
}

#[test]
fn a_host_that_speaks_tls_is_never_asked_without() {
    let (pem, tls) = authority();
    let registry = Registry::secure(tls, |_| reply(404, &[], b""));
    let mut config = granting([registry.host()]);
    config.ca_files = vec![pem];
    let served = serve(config);
    let answer = served.get(&format!("/registry/{}/v2/a/manifests/1", registry.host()));
    assert_eq!(answer.error(404), "not-found");
    assert_eq!(registry.asked().len(), 1);
}
