//! Lists of tags, page by page.

use harness::{Answer, Server, end, layerscope};

/// A registry with a list of tags.
fn tags(answer: impl Fn(&harness::Asked) -> Answer + Send + Sync + 'static) -> (Server, String) {
    let server = Server::start(move |asked| match asked.path() {
        "/v2/fruit/tags/list" => answer(asked),
        _ => Answer::new(404),
    });
    let repository = format!("docker://{}/fruit", server.host());
    (server, repository)
}

#[test]
fn pages_follow_each_other() {
    let (server, repository) = tags(|asked| {
        if asked.target.contains("last=b") {
            return Answer::new(200).body(r#"{"name":"fruit","tags":["c"]}"#);
        }
        Answer::new(200)
            .header("link", "</v2/fruit/tags/list?last=b&n=2>; rel=\"next\"")
            .body(r#"{"name":"fruit","tags":["a","b"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "a\nb\nc\n");
    assert_eq!(ended.errors(), "");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_next_page_elsewhere_is_not_asked_for() {
    let other = Server::start(|_| Answer::new(200).body(r#"{"tags":["stolen"]}"#));
    let link = format!(
        "<{}>; rel=\"next\"",
        other.url("/v2/fruit/tags/list?last=a")
    );
    let (_server, repository) = tags(move |_| {
        Answer::new(200)
            .header("link", link.clone())
            .body(r#"{"tags":["a"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository]));
    assert_eq!(ended.text(), "a\n");
    assert!(ended.errors().contains("not complete"), "{ended}");
    assert_eq!(other.asked().len(), 0);
}

#[test]
fn a_page_that_leads_to_itself_ends() {
    let (server, repository) = tags(|asked| {
        Answer::new(200)
            .header("link", format!("<{}>; rel=\"next\"", asked.target))
            .body(r#"{"tags":["a"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository]));
    assert_eq!(ended.text(), "a\n");
    assert!(
        server.asked().len() <= 2,
        "{} requests",
        server.asked().len()
    );
}

#[test]
fn names_that_are_no_tags_are_left_out() {
    let (_server, repository) =
        tags(|_| Answer::new(200).body("{\"tags\":[\"good\",\"\\u001b[2J\",\"a/b\",\"\"]}"));
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "good\n");
    assert!(ended.errors().contains("3 names"), "{ended}");
}
