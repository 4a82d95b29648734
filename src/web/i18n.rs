//! The page's own words, in both languages: one typed table. What happened and why comes translated in the view.

use crate::web::model::Lang;

/// A text of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    FirstLife,
    OwnPrograms,
    Program,
    Kernel,
    Wire,
    Panes,
    UserSpace,
    KernelSpace,
    Descriptors,
    OpenFiles,
    Fd,
    File,
    Sockets,
    SelectProcess,
    LibraryCall,
    KernelCall,
    Free,
    SynQueue,
    AcceptQueue,
    SendQueue,
    ReceiveQueue,
    SendBrief,
    ReceiveBrief,
    NoAddress,
    NoDescriptor,
    NoSockets,
    Reserved,
    ThisStep,
    NothingChanged,
    PortTable,
    OnTheWire,
    NothingSent,
    NobodyThere,
    Talk,
    PresentTalk,
    AllTalks,
    Refused,
    Lost,
    Again,
    Now,
    Explain,
    Strace,
    Output,
    Tell,
    BeforeFirst,
    NoCalls,
    NoOutput,
    Controls,
    Reset,
    Back,
    Step,
    Play,
    Pause,
    Stop,
    NextTimer,
    Speed,
    StepBy,
    Line,
    Syscall,
    Packet,
    Event,
    RunNext,
    Timeline,
    WireLane,
    Language,
    Theme,
    Help,
    Close,
    Keys,
    KeyStep,
    KeyBack,
    KeyFine,
    KeyPlay,
    KeyEnds,
    KeyKinds,
    KeyTimer,
    KeyLanguage,
    KeyTheme,
    KeyHelp,
    Reading,
    ReadingSays,
    Equal,
    Different,
}

/// A text in a language.
pub(crate) fn say(lang: Lang, text: Text) -> &'static str {
    let (en, ko) = both(text);
    match lang {
        Lang::En => en,
        Lang::Ko => ko,
    }
}

fn both(text: Text) -> (&'static str, &'static str) {
    use Text::*;
    match text {
        FirstLife => ("First life of a socket", "소켓의 첫 번째 일생"),
        OwnPrograms => ("Your programs", "내 프로그램"),
        Program => ("Program", "프로그램"),
        Kernel => ("Kernel", "커널"),
        Wire => ("Wire", "네트워크"),
        Panes => ("What to show", "볼 것"),
        UserSpace => ("user space", "사용자 공간"),
        KernelSpace => ("kernel", "커널"),
        Descriptors => ("Descriptors", "디스크립터"),
        OpenFiles => ("Open files", "열린 파일"),
        Fd => ("fd", "fd"),
        File => ("file", "파일"),
        Sockets => ("Sockets", "소켓"),
        SelectProcess => (
            "Follow this program's lines",
            "이 프로그램의 줄을 따라갑니다",
        ),
        LibraryCall => ("C library", "C 라이브러리"),
        KernelCall => ("kernel", "커널"),
        Free => ("free", "비었음"),
        SynQueue => ("SYN queue", "SYN 큐"),
        AcceptQueue => ("Accept queue", "accept 큐"),
        SendQueue => ("Send queue", "송신 큐"),
        ReceiveQueue => ("Receive queue", "수신 큐"),
        SendBrief => ("send", "송신"),
        ReceiveBrief => ("receive", "수신"),
        NoAddress => ("no address yet", "아직 주소 없음"),
        NoDescriptor => (
            "no descriptor: the kernel finishes it alone",
            "디스크립터 없음: 커널이 혼자 마무리합니다",
        ),
        NoSockets => (
            "No sockets yet. The first socket() makes one, and a descriptor that leads to it.",
            "아직 소켓이 없습니다. 첫 socket() 호출이 소켓과, 소켓으로 이어지는 디스크립터를 만듭니다.",
        ),
        Reserved => ("held for accept()", "accept()용으로 잡아 둠"),
        ThisStep => ("This step:", "이번 단계:"),
        NothingChanged => (
            "nothing changed in the kernel",
            "커널에서 바뀐 것이 없습니다",
        ),
        PortTable => ("Port table", "포트 표"),
        OnTheWire => ("On the wire", "네트워크 위"),
        NothingSent => (
            "No segments yet. The first connect() sends one.",
            "아직 세그먼트가 없습니다. 첫 connect()가 세그먼트를 보냅니다.",
        ),
        NobodyThere => ("nobody", "없음"),
        Talk => ("Which connection", "볼 연결"),
        PresentTalk => ("present", "현재"),
        AllTalks => ("all connections", "모든 연결"),
        Refused => (
            "This does not compile yet: the line is marked in the program, and below it stands what is wrong with it.",
            "아직 컴파일되지 않습니다. 프로그램에 그 줄이 표시되어 있고, 아래에 무엇이 잘못되었는지 적혀 있습니다.",
        ),
        Lost => ("lost", "손실"),
        Again => ("again", "재전송"),
        Now => ("now", "지금"),
        Explain => ("Explain", "설명"),
        Strace => ("strace", "strace"),
        Output => ("Output", "출력"),
        Tell => ("What just happened", "방금 일어난 일"),
        BeforeFirst => (
            "Nothing has happened yet. **Step** runs the programs up to the next stop; the buttons below it say what counts as one.",
            "아직 아무 일도 일어나지 않았습니다. **다음**을 누르면 프로그램이 다음 멈춤까지 실행됩니다. 무엇을 한 단계로 볼지는 그 아래 단추로 고릅니다.",
        ),
        NoCalls => ("No system call so far.", "아직 시스템 콜이 없습니다."),
        NoOutput => (
            "No program has written anything so far.",
            "아직 출력한 프로그램이 없습니다.",
        ),
        Controls => ("Run", "실행"),
        Reset => ("To the beginning", "처음으로"),
        Back => ("One step back", "한 단계 뒤로"),
        Step => ("Step", "다음"),
        Play => ("Play", "재생"),
        Pause => ("Pause", "멈춤"),
        Stop => ("Stop", "중단"),
        NextTimer => ("Next timer", "다음 타이머"),
        Speed => ("Speed", "속도"),
        StepBy => ("Step by", "단계 단위"),
        Line => ("line", "줄"),
        Syscall => ("syscall", "시스템 콜"),
        Packet => ("packet", "패킷"),
        Event => ("event", "이벤트"),
        RunNext => ("Run next:", "다음 실행:"),
        Timeline => ("Where we are in the run", "실행에서의 위치"),
        WireLane => ("wire", "네트워크"),
        Language => ("Language", "언어"),
        Theme => ("Light or dark", "밝게 / 어둡게"),
        Help => ("Keys and how to read the picture", "단축키와 그림 읽는 법"),
        Close => ("Close", "닫기"),
        Keys => ("Keys", "단축키"),
        KeyStep => ("one step", "한 단계 앞으로"),
        KeyBack => ("one step back", "한 단계 뒤로"),
        KeyFine => ("one event forward or back", "이벤트 하나 앞으로 / 뒤로"),
        KeyPlay => ("play or pause", "재생 / 멈춤"),
        KeyEnds => ("to the beginning, to the end", "처음으로, 끝으로"),
        KeyKinds => (
            "step by line, syscall, packet, event",
            "줄, 시스템 콜, 패킷, 이벤트 단위",
        ),
        KeyTimer => (
            "let time pass until the next timer",
            "다음 타이머까지 시간 보내기",
        ),
        KeyLanguage => ("English or Korean", "영어 / 한국어"),
        KeyTheme => ("light or dark", "밝게 / 어둡게"),
        KeyHelp => ("this help", "이 도움말"),
        Reading => ("How to read the picture", "그림 읽는 법"),
        ReadingSays => (
            "A call goes from left to right: the program, its descriptor, the open file, the socket, the wire. Below is time: what just happened, and where it is in the run. Blue is now, and what the kernel chose. A frame's colour is the socket's TCP state; a name's colour is the program.",
            "호출은 왼쪽에서 오른쪽으로 갑니다. 프로그램, 디스크립터, 열린 파일, 소켓, 네트워크 순서입니다. 아래는 시간입니다. 방금 일어난 일과 실행에서의 위치를 보여 줍니다. 파란색은 지금, 그리고 커널이 고른 것입니다. 테두리 색은 소켓의 TCP 상태, 이름 색은 프로그램입니다.",
        ),
        Equal => ("equal on real Linux", "실제 Linux와 같음"),
        Different => ("different on real Linux", "실제 Linux와 다름"),
    }
}

/// `1 half-open`.
pub(crate) fn half_open(lang: Lang, count: u32) -> String {
    match lang {
        Lang::En => format!("{count} half-open"),
        Lang::Ko => format!("반쯤 열림 {count}"),
    }
}

/// `2 datagrams, 1 dropped`.
pub(crate) fn datagrams(lang: Lang, waiting: u32, drops: u32) -> String {
    let (unit, dropped) = match lang {
        Lang::En => (" datagrams", ", dropped: "),
        Lang::Ko => ("개", ", 버림: "),
    };
    let mut said = [&waiting.to_string(), unit].concat();
    if drops > 0 {
        said.push_str(dropped);
        said.push_str(&drops.to_string());
    }
    said
}

/// `2 of 6 wait`.
pub(crate) fn waiting(lang: Lang, count: u32, room: u32) -> String {
    match lang {
        Lang::En => format!("{count} of {room}"),
        Lang::Ko => format!("{room} 중 {count}"),
    }
}

/// `refs 2`.
pub(crate) fn references(lang: Lang, count: u32) -> String {
    match lang {
        Lang::En => format!("refs {count}"),
        Lang::Ko => format!("참조 {count}"),
    }
}

/// `event 17 of 96`.
pub(crate) fn event_of(lang: Lang, event: u32, events: u32, complete: bool) -> String {
    let more = if complete { "" } else { "+" };
    match lang {
        Lang::En => format!("event {event} of {events}{more}"),
        Lang::Ko => format!("이벤트 {event} / {events}{more}"),
    }
}

/// What a running timer will do, and when.
pub(crate) fn timer(lang: Lang, kind: &str, left: &str) -> String {
    match (lang, kind) {
        (Lang::En, "retransmit") => format!("sends again in {left}"),
        (Lang::En, "lossProbe") => format!("probes for a loss in {left}"),
        (Lang::En, "delayedAck") => format!("acknowledges within {left}"),
        (Lang::En, "zeroWindowProbe") => format!("probes the window in {left}"),
        (Lang::En, "timeWait") => format!("{left} of TIME-WAIT left"),
        (Lang::En, _) => format!("timer: {left}"),
        (Lang::Ko, "retransmit") => format!("{left} 뒤 재전송"),
        (Lang::Ko, "lossProbe") => format!("{left} 뒤 손실 탐사"),
        (Lang::Ko, "delayedAck") => format!("{left} 안에 확인 응답"),
        (Lang::Ko, "zeroWindowProbe") => format!("{left} 뒤 윈도 탐사"),
        (Lang::Ko, "timeWait") => format!("TIME-WAIT {left} 남음"),
        (Lang::Ko, _) => format!("타이머: {left}"),
    }
}

/// `kernel chose port 40128`.
pub(crate) fn kernel_chose(lang: Lang, port: u16) -> String {
    match lang {
        Lang::En => format!("kernel chose port {port}"),
        Lang::Ko => format!("커널이 고른 포트 {port}"),
    }
}

/// `0–1023 privileged`.
pub(crate) fn privileged(lang: Lang, last: u16) -> String {
    match lang {
        Lang::En => format!("0–{last} privileged"),
        Lang::Ko => format!("0–{last} 특권 포트"),
    }
}

/// `32768–60999 ephemeral`.
pub(crate) fn ephemeral(lang: Lang, low: u16, high: u16) -> String {
    match lang {
        Lang::En => format!("{low}–{high} ephemeral"),
        Lang::Ko => format!("{low}–{high} 임시 포트"),
    }
}

/// `1 of 28,232 ephemeral ports taken`.
pub(crate) fn ephemeral_taken(lang: Lang, taken: &str, all: &str) -> String {
    match lang {
        Lang::En => format!("{taken} of {all} ephemeral ports taken"),
        Lang::Ko => format!("임시 포트 {all}개 중 {taken}개 사용"),
    }
}

/// How the kernel came to the port that it chose.
pub(crate) fn search(lang: Lang, first: u16, tried: &str, parity: &str, found: u16) -> String {
    match (lang, parity == "odd") {
        (Lang::En, odd) => format!(
            "kernel searched {} ports from {first}: took {found} (try {tried})",
            if odd { "odd" } else { "even" }
        ),
        (Lang::Ko, odd) => format!(
            "커널이 {first}부터 {} 포트를 찾아 {tried}번째에 {found} 선택",
            if odd { "홀수" } else { "짝수" }
        ),
    }
}

/// `✓ 9 of 9 calls equal on Linux 6.18.44`, without the mark.
pub(crate) fn equal_calls(lang: Lang, equal: u32, all: u32, kernel: &str) -> String {
    match lang {
        Lang::En => format!("{equal} of {all} calls equal on Linux {kernel}"),
        Lang::Ko => format!("시스템 콜 {all}개 중 {equal}개가 Linux {kernel}과 같음"),
    }
}

/// What a source is called, for those who hear the page.
pub(crate) fn source_of(lang: Lang, name: &str) -> String {
    match lang {
        Lang::En => format!("Source of {name}"),
        Lang::Ko => format!("{name} 소스"),
    }
}

/// `+3 more`.
pub(crate) fn more(lang: Lang, count: usize) -> String {
    match lang {
        Lang::En => format!("+{count} more"),
        Lang::Ko => format!("+{count}개 더"),
    }
}
