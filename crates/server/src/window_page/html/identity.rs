//! The words of a window in which a person is identified: nothing is bought there.

use naru_documents::escape;
use naru_domain::payment::Failure;
use naru_engine::windows::{WindowPage, WindowState};

use super::Said;

/// Who asks.
pub(super) fn request(page: &WindowPage) -> String {
    let test = if page.is_test {
        "<p class=\"test\">테스트 인증 <span lang=\"en\">Test: nobody is asked</span></p>\n"
    } else {
        ""
    };
    format!(
        "<section class=\"order\">\n{test}<dl>\n\
         <div><dt>요청한 곳 <span lang=\"en\">Asked by</span></dt><dd>{}</dd></div>\n\
         </dl>\n</section>\n",
        escape(&page.shop),
    )
}

/// What became of it.
pub(super) fn said(state: &WindowState) -> Said {
    match state {
        WindowState::Verified => Said::new(
            "good",
            ["본인인증이 완료되었습니다", "You are verified"],
            ["이 창을 닫아도 됩니다.", "You may close this page."],
        ),
        WindowState::Failed(failure) if failure.pg_code != Failure::WINDOW_LEFT => Said {
            mood: "bad",
            title: ["본인인증에 실패했습니다", "Not verified"],
            text: [
                failure.reason(),
                "Please go back and verify again.".to_owned(),
            ],
        },
        WindowState::Failed(_) => Said::new(
            "bad",
            ["본인인증을 취소했습니다", "Cancelled"],
            [
                "다시 인증하려면 이전 화면으로 돌아가 주세요.",
                "Please go back to verify again.",
            ],
        ),
        _ => Said::new(
            "",
            [
                "본인인증 결과를 확인하고 있습니다",
                "Finding out what became of it",
            ],
            [
                "이 페이지는 저절로 새로 고쳐집니다.",
                "This page looks again by itself.",
            ],
        ),
    }
}
