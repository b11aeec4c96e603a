//! What the dashboard of the demo makes of lines of Envoy's access log.

use fantoccini::Client;
use fantoccini::error::CmdError;

use crate::dashboard::unless;

/// A script in the page that has the module `log`, and what it must tell. The demo has no policy in shadow mode.
const TOLD_FROM_THE_LOG: [(&str, &str); 9] = [
    ("log.decisionOf({ cors: 'denied:origin-null' }).kind", "refused"),
    ("log.decisionOf({ cors: 'shadow-denied:origin-null' }).kind", "shadow"),
    ("log.decisionOf({ cors: 'allowed' }).kind", "allowed"),
    ("log.decisionOf({ cors: null, origin: 'null', allow_origin: '*' }).words", "allowed"),
    ("log.decisionOf({ cors: null, origin: 'null', allow_origin: null }).words", "no verdict"),
    ("log.reasonIn([{ cors: null }, { cors: 'shadow-denied:origin-null' }]).reason", "origin-null"),
    ("String(log.reasonIn([{ cors: 'shadow-denied:origin-null' }]).isShadow)", "true"),
    ("log.credentialsRefusal([{ allow_origin: 'http://a.test', allow_credentials: 'true' }])", ""),
    (
        "log.credentialsRefusal([{ allow_origin: 'http://a.test', allow_credentials: null }])",
        "Access-Control-Allow-Credentials is missing, and a call with cookies needs it.",
    ),
];

pub(crate) async fn understands_the_log(client: &Client) -> Result<Vec<String>, CmdError> {
    let mut differences = Vec::new();
    for (script, wanted) in TOLD_FROM_THE_LOG {
        let script = format!("return import('/accesslog.js').then((log) => {script})");
        let told = client.execute(&script, vec![]).await?;
        differences.extend(unless(told == wanted, || format!("{script}: {told}, not `{wanted}`")));
    }
    Ok(differences)
}
