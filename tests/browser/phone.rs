//! The dashboard of the demo on a phone.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::error::CmdError;

use crate::dashboard::{SCREEN, newest_call_after_click, unless};

/// A phone.
const PHONE: (u32, u32) = (390, 800);

/// Patience with a page that scrolls.
const SCROLL_POLLS: usize = 100;
const SCROLL_PAUSE: Duration = Duration::from_millis(50);

/// Nothing is wider than the screen.
pub(crate) async fn fits(client: &Client) -> Result<Vec<String>, CmdError> {
    client.set_window_size(PHONE.0, PHONE.1).await?;
    let wider = client.execute("return document.documentElement.scrollWidth - innerWidth", vec![]).await?;
    client.set_window_size(SCREEN.0, SCREEN.1).await?;
    Ok(unless(wider.as_i64().is_some_and(|wider| wider <= 0), || format!("it is {wider} pixels too wide")))
}

/// Wherever the page was scrolled to, what the call means is on the screen after the press.
pub(crate) async fn shows_a_press(client: &Client) -> Result<Vec<String>, CmdError> {
    const IS_SEEN: &str =
        "const { top, bottom } = document.querySelector('#calls .meaning').getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight";
    client.set_window_size(PHONE.0, PHONE.1).await?;
    client.execute("scrollTo(0, 0)", vec![]).await?;
    newest_call_after_click(client, "[data-try=unlisted]").await?;
    let mut seen = false;
    // It scrolls smoothly.
    for _ in 0..SCROLL_POLLS {
        seen = client.execute(IS_SEEN, vec![]).await? == true;
        if seen {
            break;
        }
        tokio::time::sleep(SCROLL_PAUSE).await;
    }
    client.set_window_size(SCREEN.0, SCREEN.1).await?;
    Ok(unless(seen, || "the newest call is off the screen".to_owned()))
}

/// The newest call, as a phone shows it.
pub(crate) async fn picture(client: &Client) -> Result<Vec<u8>, CmdError> {
    client.set_window_size(PHONE.0, PHONE.1).await?;
    client
        .execute("document.querySelector('#calls > li').scrollIntoView({ behavior: 'instant' })", vec![])
        .await?;
    let picture = client.screenshot().await;
    client.set_window_size(SCREEN.0, SCREEN.1).await?;
    picture
}
