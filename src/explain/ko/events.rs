//! What happened, in Korean: a text and a short form per event. Placeholders: `explain::slots`.

use crate::abi::constants::{SO_REUSEADDR, SOL_SOCKET};
use crate::explain::Template;
use crate::explain::ko::segments::{delivered, sent, timer_expired, timer_set};
use crate::kernel::event::{EventKind, TcpState, TimerKind, WaitFor};
use crate::kernel::rule::Rule;

/// The template of an event.
pub(in crate::explain) fn template(kind: &EventKind) -> Template {
    match *kind {
        EventKind::ProcessStarted { .. } => (
            "**{process}**{:이} 프로세스 {pid}번으로 시작합니다. 디스크립터 **0, 1, 2**는 처음부터 표준 입력, 표준 출력, 표준 오류가 차지합니다.",
            "{process} 시작",
        ),
        EventKind::ProcessExited { .. } => (
            "**{process}**{:이} 종료 상태 **{status}**{:으} 끝납니다. 닫지 않은 디스크립터는 커널이 모두 닫으므로, 잊힌 채 남는 연결은 없습니다.",
            "{process} 종료, 상태 {status}",
        ),
        EventKind::ProcessKilled { signal: 13, .. } => (
            "**{process}**{:이} **SIGPIPE**로 종료됩니다. 더는 데이터를 받지 않는 연결에 보냈기 때문입니다. 대신 EPIPE 오류를 받으려면 MSG_NOSIGNAL을 쓰거나 시그널을 무시하면 됩니다.",
            "{process}: SIGPIPE로 종료",
        ),
        EventKind::ProcessKilled { .. } => (
            "**{process}**{:이} **시그널 {signal}**{:으} 종료됩니다. 스스로 끝난 것과 마찬가지로 커널이 디스크립터를 모두 닫습니다.",
            "{process}: 시그널 {signal:으} 종료",
        ),
        EventKind::SyscallEntered { .. } => (
            "**{task}**{:이} **{call}({arg})**{:을} 호출해 커널로 들어갑니다. {purpose}.",
            "{task}: {call}({arg}) 호출",
        ),
        EventKind::SyscallReturned { ret, .. } => returned(ret),
        EventKind::TaskSlept { on, .. } => slept(on),
        EventKind::TaskWoke { on, because, .. } => woke(on, because),
        EventKind::ConsoleWrote { .. } => (
            "**{task}**{:이} 디스크립터 {fd}에 **{len}바이트**를 씁니다. 소켓이 아니라 터미널이나 파일로 가므로 네트워크와는 상관없습니다.",
            "{task}: fd {fd}에 {len}바이트 쓰기",
        ),
        EventKind::ConsoleRead { len: 0, .. } => (
            "**{task}**{:이} 디스크립터 {fd}에서 **0바이트**를 읽었습니다. 입력이 끝났다는 뜻입니다.",
            "{task}: fd {fd}의 끝",
        ),
        EventKind::ConsoleRead { .. } => (
            "**{task}**{:이} 소켓이 아닌 디스크립터 {fd}에서 **{len}바이트**를 읽습니다.",
            "{task}: fd {fd}에서 {len}바이트 읽기",
        ),

        EventKind::FileOpened { sock: None, .. } => (
            "커널이 **열린 파일**(open file description, {file}번)을 만듭니다. 디스크립터가 이것을 가리키며, dup()과 fork()로 여럿이 함께 쓸 수 있습니다.",
            "열린 파일 {file}",
        ),
        EventKind::FileOpened { sock: Some(_), .. } => (
            "커널이 소켓을 위해 **열린 파일**(open file description, {file}번)을 만듭니다. Unix에서 소켓은 열린 파일입니다. 디스크립터 → 열린 파일 → 소켓으로 이어지고, dup()과 fork()는 가운데의 열린 파일을 함께 씁니다.",
            "소켓을 위한 열린 파일 {file}",
        ),
        EventKind::FileReleased { sock: Some(_), .. } => (
            "열린 파일 {file}번을 가리키는 것이 모두 사라져 **해제됩니다**. 커널은 이제야 {sock:을} 닫습니다.",
            "열린 파일 {file} 해제",
        ),
        EventKind::FileReleased { sock: None, .. } => (
            "열린 파일 {file}번을 가리키는 것이 모두 사라져 해제됩니다. 소켓은 아니었습니다.",
            "열린 파일 {file} 해제",
        ),
        EventKind::DescriptorInstalled { fd: 3.., .. } => (
            "**{process}**{:이} 디스크립터 **{fd}**{:을} 얻습니다. 항상 비어 있는 가장 작은 번호를 쓰는데, 0, 1, 2는 이미 쓰이고 있습니다(보통 표준 입력, 출력, 오류). 이 번호는 열린 파일 {file}번을 가리킵니다.",
            "{process}: fd {fd} 생김",
        ),
        EventKind::DescriptorInstalled { .. } => (
            "**{process}**{:이} 디스크립터 **{fd}**{:을} 얻습니다. 항상 비어 있는 가장 작은 번호를 쓰는데, {fd:은} 앞서 닫혀 비어 있었습니다. 이 번호는 열린 파일 {file}번을 가리킵니다.",
            "{process}: fd {fd} 생김",
        ),
        EventKind::DescriptorClosed { refs_left: 0, .. } => (
            "**{process}**의 디스크립터 **{fd}**{:이} 다시 비었습니다. 열린 파일 {file}번을 가리키던 **마지막 참조**여서 열린 파일도 사라집니다.",
            "{process}: fd {fd} 닫음, 마지막 참조",
        ),
        EventKind::DescriptorClosed { .. } => (
            "**{process}**의 디스크립터 **{fd}**{:이} 다시 비었지만, 열린 파일 {file}번에는 참조가 **{refs}개** 더 있습니다(다른 디스크립터나 진행 중인 호출). 그래서 아직 아무것도 닫히지 않습니다.",
            "{process}: fd {fd} 닫음, 참조 {refs}개 남음",
        ),

        EventKind::NonblockingSet {
            nonblocking: true, ..
        } => (
            "열린 파일 {file}번은 이제 **논블로킹**입니다(O_NONBLOCK). 기다려야 하는 호출은 잠드는 대신 EAGAIN을 돌려줍니다. 이 플래그는 열린 파일에 속하므로 함께 쓰는 디스크립터 모두에 적용됩니다.",
            "열린 파일 {file}: 논블로킹",
        ),
        EventKind::NonblockingSet { .. } => (
            "열린 파일 {file}번은 다시 **블로킹**입니다. 기다려야 하는 호출은 태스크를 재웁니다.",
            "열린 파일 {file}: 블로킹",
        ),
        EventKind::CloexecSet { on: true, .. } => (
            "**{process}**의 디스크립터 **{fd}**{:은} execve() 때 닫힙니다(FD_CLOEXEC). 이 플래그는 열린 파일이 아니라 디스크립터에 속합니다.",
            "{process}: fd {fd} close-on-exec 켬",
        ),
        EventKind::CloexecSet { .. } => (
            "**{process}**의 디스크립터 **{fd}**{:은} execve() 뒤에도 열려 있습니다.",
            "{process}: fd {fd} close-on-exec 끔",
        ),
        EventKind::PipeWrote { .. } => (
            "열린 파일 {file}번의 파이프에 **{len}바이트**가 들어가 이제 **{queued}바이트**가 있습니다. 파이프는 16페이지, 가득 차면 64 KiB까지 담습니다.",
            "파이프에 {len}바이트 씀, {queued}바이트 있음",
        ),
        EventKind::PipeRead { .. } => (
            "열린 파일 {file}번의 파이프에서 **{len}바이트**를 꺼내 **{queued}바이트**가 남았습니다.",
            "파이프에서 {len}바이트 읽음, {queued}바이트 남음",
        ),
        EventKind::EpollInterest { events: 0, .. } => (
            "디스크립터 **{fd}**{:이} epoll(열린 파일 {epoll}번)의 관심 목록에서 빠집니다. {why}",
            "epoll: fd {fd} 제외",
        ),
        EventKind::EpollInterest { .. } => (
            "epoll(열린 파일 {epoll}번)이 이제 디스크립터 **{fd}**에서 **{events}**{:을} 지켜봅니다. 오류와 연결 끊김은 언제나 알려 줍니다.",
            "epoll: fd {fd} 감시",
        ),
        EventKind::EpollReady { .. } => (
            "디스크립터 **{fd}**에 무슨 일이 생겨 epoll(열린 파일 {epoll}번)의 **준비 목록**에 들어갑니다. 지금 상태는 epoll_wait()가 물어봅니다.",
            "epoll: fd {fd} 준비 목록에 들어감",
        ),
        EventKind::ProcessForked { .. } => (
            "**{process}**{:이} fork()로 자신의 복사본인 프로세스 **{child}번**을 만듭니다. 두 프로세스의 디스크립터는 **같은 열린 파일**을 가리키므로, 둘 다 닫아야 연결이 닫힙니다.",
            "{process}: 프로세스 {child} 생성",
        ),
        EventKind::ProcessReaped { .. } => (
            "**{process}**{:이} 자식 {child}번이 어떻게 끝났는지 들었습니다. 이제야 자식의 번호가 비게 됩니다.",
            "{process}: 자식 {child} 회수",
        ),
        EventKind::SignalSent { .. } => (
            "**{process}**에 **{signal}** 시그널을 보냅니다. 무시하거나 핸들러를 두지 않았다면 대부분의 시그널은 프로세스를 끝냅니다.",
            "{process}에 {signal}",
        ),

        EventKind::SocketCreated { because, .. } => created(because),
        EventKind::SocketDestroyed { .. } => (
            "디스크립터도, 큐도, 타이머도 더는 필요로 하지 않아 커널이 {sock:을} 해제합니다.",
            "{sock} 해제",
        ),
        EventKind::SocketOrphaned { .. } => (
            "{sock:은} 이제 **고아**(orphan)입니다. 가진 프로그램은 없지만, TCP는 송신 큐에 남은 데이터를 전달하고 연결을 제대로 닫습니다. close()는 그것을 기다리지 않습니다.",
            "{sock}: 고아가 됨",
        ),
        EventKind::OptionSet {
            level: SOL_SOCKET,
            optname: SO_REUSEADDR,
            value: 1..,
            ..
        } => (
            "{sock}에 **SO_REUSEADDR**를 켭니다. bind()가 TIME-WAIT나 다른 소켓과 포트를 함께 쓸 수 있는데, 그쪽도 이 옵션을 켰어야 하고 LISTEN 소켓과는 함께 쓸 수 없습니다.",
            "SO_REUSEADDR = {value}",
        ),
        EventKind::OptionSet { .. } => (
            "{sock}의 옵션 **{option}**{:을} {value:으} 설정합니다.",
            "{option} = {value}",
        ),
        EventKind::StateChanged {
            to: TcpState::Closed,
            ..
        } => (
            "{sock:이} {from}에서 **CLOSED**로 바뀝니다. {why}",
            "{from} → CLOSED",
        ),
        EventKind::StateChanged { .. } => (
            "{sock:이} {from}에서 **{to}**{:으} 바뀝니다. {why} {means}",
            "{from} → {to}",
        ),
        EventKind::ErrorNoted { .. } => (
            "{sock}에 **{errno}**{:이} 기록됩니다. 지금 잠들어 있거나 다음에 묻는 호출이 이 오류를 받습니다. {why}",
            "{errno} 기록됨",
        ),
        EventKind::ErrorConsumed { .. } => (
            "{sock}에 기록되어 있던 오류 **{errno}**{:을} 프로그램에 알립니다. 오류는 한 번만 알리고 지웁니다.",
            "{errno} 전달됨",
        ),
        EventKind::Shutdown {
            because: Rule::UnixShutdown | Rule::UnixPeerShut | Rule::UnixPeerClosed,
            receive,
            send,
            ..
        } => unix_shut(receive, send),
        EventKind::Shutdown {
            receive: true,
            send: true,
            ..
        } => (
            "{sock}의 **양방향이 모두 닫힙니다**. 이제 어떤 프로그램도 이 소켓으로 보내거나 받을 수 없습니다. {why}",
            "양방향 닫힘",
        ),
        EventKind::Shutdown {
            receive: true,
            because: Rule::PeerFin,
            ..
        } => (
            "상대가 FIN을 보냈으므로 {sock}에는 **더 올 데이터가 없습니다**. 수신 큐를 다 읽고 나면 recv()는 **0**을 돌려줍니다. 스트림의 끝입니다.",
            "수신 끝: FIN",
        ),
        EventKind::Shutdown { receive: true, .. } => (
            "{sock}의 **수신 방향이 닫힙니다**. recv()는 더 기다리지 않습니다. 상대는 이것을 알지 못합니다. {why}",
            "수신 방향 닫힘",
        ),
        EventKind::Shutdown { .. } => (
            "{sock}의 **송신 방향이 닫힙니다**. 송신 큐에 남은 데이터 뒤에 FIN이 나가고, 이후의 송신은 EPIPE로 실패합니다. 수신은 계속됩니다. {why}",
            "송신 방향 닫힘",
        ),

        EventKind::PortBound { because, .. } => bound(because),
        EventKind::PortReleased {
            because: Rule::LastClose,
            ..
        } => (
            "{sock:이} **{port}번 포트**를 돌려줍니다. 소켓이 더는 필요 없기 때문입니다.",
            "{port}번 포트 반납",
        ),
        EventKind::PortReleased { .. } => (
            "{sock:이} **{port}번 포트**를 돌려줍니다. CLOSED가 되었고, 프로그램이 직접 bind()한 포트도 아니기 때문입니다. 연결이 TIME-WAIT라면 포트는 그쪽이 계속 갖고 있습니다.",
            "{port}번 포트 반납",
        ),
        EventKind::PortConflict {
            because: Rule::TupleTaken,
            ..
        } => (
            "{sock:은} **{port}번 포트**에서 연결할 수 없습니다. 주소와 포트가 모두 같은 {other:이} 있습니다. {why}",
            "{port}번 포트: 같은 연결이 있음",
        ),
        EventKind::PortConflict { .. } => (
            "{sock:은} **{port}번 포트**를 쓸 수 없습니다. {other:이} 이미 갖고 있습니다. {why}",
            "{port}번 포트는 사용 중",
        ),
        EventKind::PortSearch {
            because: Rule::ConnectEphemeral,
            ..
        } => (
            "connect()에는 로컬 포트가 필요한데 프로그램이 정하지 않았으므로 **커널**이 {low}–{high}에서 찾습니다. 임의로 고른 **{port}번**부터 **{parity}** 포트를 먼저 봅니다. {rest} 포트는 포트 0으로 하는 bind()의 몫으로 남겨 두고 마지막에 봅니다.",
            "{port}번부터 빈 포트 찾기",
        ),
        EventKind::PortSearch { .. } => (
            "프로그램이 포트를 맡겼으므로 **커널**이 {low}–{high}에서 찾습니다. 임의로 고른 **{port}번**부터 **{parity}** 포트를 먼저 봅니다. {rest} 포트는 connect()의 몫으로 남겨 두고 마지막에 봅니다.",
            "{port}번부터 빈 포트 찾기",
        ),
        EventKind::PortChosen {
            port: 0,
            because: Rule::ConnectEphemeral,
            ..
        } => (
            "후보 {tried}개를 보았지만 이 목적지로 쓸 수 있는 포트가 없습니다. connect()는 **EADDRNOTAVAIL**로 실패합니다.",
            "빈 포트 없음",
        ),
        EventKind::PortChosen { port: 0, .. } => (
            "후보 {tried}개를 보았지만 빈 포트가 없습니다. 호출은 **EADDRINUSE**로 실패합니다.",
            "빈 포트 없음",
        ),
        EventKind::PortChosen { .. } => (
            "커널이 {sock}에 **{port}번 포트**를 골랐습니다({tried}번째 후보). 이런 **단기(ephemeral) 포트**는 답장을 받을 주소일 뿐이라 누구도 미리 알 필요가 없습니다.",
            "커널이 {port}번 포트 선택",
        ),
        EventKind::AddressesSet {
            because: Rule::ActiveOpen,
            ..
        } => (
            "{sock}의 두 주소가 정해졌습니다. 로컬 포트 **{port}**, 상대 포트 **{remote}**입니다. 두 주소와 두 포트의 조합이 연결의 이름이며, 같은 조합은 둘일 수 없습니다.",
            "주소: {port} → {remote}",
        ),
        EventKind::AddressesSet { .. } => (
            "요청에 SYN의 두 주소를 적어 둡니다. 로컬 포트 **{port}**, 상대 포트 **{remote}**입니다. 커널은 이것으로 뒤따라오는 세그먼트를 알아봅니다.",
            "주소: {port} ← {remote}",
        ),

        EventKind::BacklogSet { .. } => (
            "{sock}의 backlog는 **{backlog}**입니다. 리눅스는 완성된 연결 **{fit}개**(backlog + 1)까지 accept()를 기다리게 하고, 그 뒤의 SYN은 버립니다. 상한은 net.core.somaxconn(4096)입니다.",
            "backlog {backlog}: {fit}개까지 대기",
        ),
        EventKind::RequestQueued { .. } => (
            "LISTEN 소켓이 **SYN**을 받았습니다. 아직 프로그램이 쓸 소켓은 만들지 않습니다. SYN 큐에 **반쯤 열린 요청**을 적고(현재 {len}개) SYN,ACK로 답합니다. accept()에는 아직 보이지 않으며, 세 번째 세그먼트가 와야 합니다.",
            "SYN 큐: {len}개",
        ),
        EventKind::RequestDropped { .. } => (
            "반쯤 열린 요청이 연결이 되지 못하고 {other}의 SYN 큐에서 빠집니다. {why}",
            "요청 하나가 버려짐",
        ),
        EventKind::AcceptQueued { .. } => (
            "연결이 완성되어 {other}의 **accept 큐**에 들어갑니다(현재 {len}개). 여기까지 커널이 혼자 했고, 프로그램이 accept()를 부르기 전에도 데이터가 도착할 수 있습니다.",
            "accept 큐: {len}개",
        ),
        EventKind::AcceptDequeued { .. } => (
            "가장 오래된 연결이 {other}의 **accept 큐**에서 나옵니다({len}개 남음). accept()가 이 연결에 새 디스크립터를 줍니다. LISTEN 소켓이 닫힌 것이라면 연결은 리셋됩니다.",
            "accept 큐: {len}개",
        ),
        EventKind::ListenOverflow { .. } => (
            "LISTEN 상태인 {sock}에 **자리가 없습니다**. {why}",
            "큐가 가득 참: 세그먼트 버림",
        ),

        EventKind::SegmentSent { head, because, .. } => sent(head, because),
        EventKind::SegmentDelivered {
            sock: Some(_),
            head,
            ..
        } => delivered(head),
        EventKind::SegmentDelivered { sock: None, .. } => (
            "{from:이} 보낸 **{flags}**{:이} {toport}번 포트에 왔지만 **받을 소켓이 없습니다**. 주소가 맞는 연결도, LISTEN 소켓도 없습니다.",
            "{flags} 도착, {toport}번에 소켓 없음",
        ),
        EventKind::SegmentLost { .. } => (
            "{from:이} {to}에 보낸 **{flags}**{:이} **도중에 사라졌습니다**. {why} 아무도 알려 주지 않으므로, 보낸 쪽은 확인응답이 오지 않는 것으로만 알 수 있습니다.",
            "{from} → {to}: {flags} 사라짐",
        ),
        EventKind::SegmentIgnored { sock: None, .. } => (
            "{from:이} 보낸 RST에 맞는 연결이 없어 무시합니다. RST에는 절대 답하지 않습니다. 답하면 두 호스트가 끝없이 주고받을 수 있기 때문입니다.",
            "맞는 연결 없는 RST 무시",
        ),
        EventKind::SegmentIgnored { .. } => (
            "{sock:은} {from:이} 보낸 세그먼트를 쓰지 않습니다. {why}",
            "세그먼트 무시",
        ),

        EventKind::DataQueued { .. } => (
            "커널이 프로그램의 **{len}바이트**를 {sock}의 **송신 큐**로 복사합니다(현재 {queued}바이트). 다시 보내야 할 수도 있으므로 상대가 확인응답할 때까지 남겨 둡니다.",
            "송신 큐: +{len} = {queued}바이트",
        ),
        EventKind::DataAcked { .. } => (
            "상대가 **{len}바이트**를 확인응답해 {sock}의 송신 큐에서 지웁니다({queued}바이트 남음). 상대의 커널이 받았다는 뜻이고, 프로그램이 읽었다는 뜻은 아닙니다.",
            "송신 큐: −{len} = {queued}바이트",
        ),
        EventKind::DataArrived { .. } => (
            "**{len}바이트**가 순서대로 도착해 {sock}의 **수신 큐**에 들어갑니다(현재 {queued}바이트). 프로그램이 읽을 때까지 기다리며, TCP는 어디까지가 한 번의 send()였는지 기억하지 않습니다.",
            "수신 큐: +{len} = {queued}바이트",
        ),
        EventKind::DataOutOfOrder { .. } => (
            "**{len}바이트**가 먼저 왔는데 그 앞부분이 빠져 있습니다. {sock:은} 빈틈이 채워질 때까지 따로 보관합니다. 프로그램은 순서가 뒤바뀐 데이터를 보는 일이 없습니다.",
            "{len}바이트 보관, 앞에 빈틈",
        ),
        EventKind::DataRead { .. } => (
            "프로그램이 {sock}의 수신 큐에서 **{len}바이트**를 꺼내 갑니다. **{queued}바이트**가 남았습니다.",
            "수신 큐: −{len} = {queued}바이트",
        ),
        EventKind::DataDiscarded {
            because: Rule::LastClose,
            ..
        } => (
            "받았지만 아무도 읽지 않은 **{len}바이트**가 {sock:과} 함께 버려집니다.",
            "읽지 않은 {len}바이트 버림",
        ),
        EventKind::DataDiscarded { .. } => (
            "{sock}에 있던 **읽지 않은 {len}바이트**를 버립니다. {why}",
            "읽지 않은 {len}바이트 버림",
        ),
        EventKind::RttMeasured { .. } => (
            "{sock:이} 보낸 세그먼트가 **{rtt}** 만에 확인응답되었습니다. 이것이 왕복 시간(RTT)입니다. 이 값으로 계산한 재전송 대기 시간은 **{rto}**입니다(리눅스는 측정값에 적어도 200밀리초를 더합니다).",
            "왕복 시간 {rtt}, 타임아웃 {rto}",
        ),

        EventKind::NameBound {
            because: Rule::Autobind,
            ..
        } => (
            "프로그램이 이름을 커널에 맡겼으므로 {sock:이} **추상 이름**(abstract name)을 받습니다. {why}",
            "커널이 이름을 고름",
        ),
        EventKind::NameBound { .. } => (
            "{sock:이} **이름을 얻습니다**. 다른 소켓은 이 이름으로 connect()나 sendto()를 합니다. 경로 이름은 파일 시스템에 소켓 노드로 나타나고, NUL로 시작하는 추상 이름은 파일 시스템에 없습니다.",
            "{sock}: 이름을 얻음",
        ),
        EventKind::NameTaken { .. } => (
            "{sock:은} 이 이름을 쓸 수 없습니다(**EADDRINUSE**). {why}",
            "이미 쓰는 이름",
        ),
        EventKind::NodeRemoved { .. } => (
            "파일 시스템에서 **경로가 사라집니다**. 이제 이 경로로는 소켓을 찾을 수 없고, 같은 이름으로 다시 bind()할 수 있습니다. 그 경로에 bind했던 소켓과 그 연결은 그대로 살아 있습니다.",
            "경로가 사라짐",
        ),
        EventKind::UnixListening { .. } => (
            "{sock:이} backlog {backlog:으로} **연결을 기다립니다**. accept()를 기다릴 수 있는 연결은 **{fit}개**입니다. 자리가 없으면 connect()는 하나가 accept될 때까지 잠들고, 논블로킹 소켓이면 EAGAIN으로 실패합니다.",
            "연결 대기: 최대 {fit}개",
        ),
        EventKind::Paired { .. } => (
            "{sock:이} **{other}**{:을} 상대로 갖습니다. 보낸 것은 네트워크를 거치지 않고 곧바로 그쪽에 나타납니다. {why}",
            "{sock} ↔ {other}",
        ),
        EventKind::Unpaired { .. } => (
            "{sock}에 **이전 상대가 더는 없습니다**. 받고 읽지 않은 것은 사라집니다. {why}",
            "{sock}: 상대를 놓음",
        ),
        EventKind::MessageQueued { .. } => (
            "**{len}바이트**가 곧바로 {sock}의 **수신 큐**에 들어갑니다. 이제 {messages}조각, {queued}바이트가 기다립니다. 네트워크로 나가지 않으므로 확인응답도 재전송도 없습니다. 스트림을 읽는 쪽에는 조각이 보이지 않고, SOCK_DGRAM과 SOCK_SEQPACKET에서는 조각 하나가 메시지 하나입니다.",
            "수신 큐: +{len} = {queued}바이트",
        ),

        EventKind::TimerSet { timer, .. } => timer_set(timer),
        EventKind::TimerStopped {
            timer: TimerKind::Retransmit,
            ..
        } => (
            "{sock}의 재전송 타이머를 끕니다. 기다리던 확인응답이 왔습니다.",
            "재전송 타이머 꺼짐",
        ),
        EventKind::TimerStopped {
            timer: TimerKind::DelayedAck,
            ..
        } => (
            "{sock}의 지연 ACK 타이머를 끕니다. 지금 나가는 세그먼트에 확인응답이 실립니다.",
            "지연 ACK 타이머 꺼짐",
        ),
        EventKind::TimerStopped { .. } => (
            "{sock}의 {timer:을} 끕니다. 더는 필요 없습니다.",
            "{timer} 꺼짐",
        ),
        EventKind::TimerExpired { timer, .. } => timer_expired(timer),

        EventKind::NotModelled { .. } => (
            "실행을 여기서 멈춥니다. **{what}**. 리눅스에는 있지만 시뮬레이션 커널에는 없는 기능이라, 지어내면 잘못된 내용을 가르치게 됩니다.",
            "구현되지 않음: 실행 중단",
        ),
    }
}

fn returned(ret: i64) -> Template {
    if ret < 0 {
        (
            "**{task}**의 **{call}()**{:이} 실패합니다. 커널은 {ret:을} 돌려주고, C 라이브러리는 이를 -1과 errno = **{errno}**({msg})로 바꿉니다. {meaning}",
            "{call}() = -1 {errno}",
        )
    } else {
        (
            "**{call}()**{:이} {task}에 **{ret}**{:을} 돌려줍니다. {result}",
            "{call}() = {ret}",
        )
    }
}

fn slept(on: WaitFor) -> Template {
    match on {
        WaitFor::Connection => (
            "**{task}**{:이} accept()에서 잠듭니다. {at}의 accept 큐가 비어 있기 때문입니다. handshake 하나가 끝날 때까지 CPU를 쓰지 않습니다.",
            "{task} 잠듦: accept 큐가 비어 있음",
        ),
        WaitFor::Handshake => (
            "**{task}**{:이} connect()에서 잠듭니다. SYN은 나갔고, 답이 와야 호출이 돌아옵니다.",
            "{task} 잠듦: handshake 진행 중",
        ),
        WaitFor::Data => (
            "**{task}**{:이} 잠듭니다. {at}의 수신 큐가 비어 있고, 상대는 아직 닫지 않았습니다.",
            "{task} 잠듦: 받은 데이터 없음",
        ),
        WaitFor::SendSpace => (
            "**{task}**{:이} 잠듭니다. {at}의 송신 큐가 가득 찼습니다. 상대가 충분히 확인응답하면 계속합니다.",
            "{task} 잠듦: 송신 큐가 가득 참",
        ),
        WaitFor::PeerRoom => (
            "**{task}**{:이} 잠듭니다. 보냈지만 아직 읽히지 않은 것이 AF_UNIX의 한도에 이르렀습니다. 상대가 충분히 읽으면 계속합니다.",
            "{task} 잠듦: 읽히지 않은 것이 너무 많음",
        ),
        WaitFor::AcceptRoom => (
            "**{task}**{:이} connect()에서 잠듭니다. {sock}의 accept 큐가 가득 찼습니다. 연결 하나가 accept되면 계속합니다.",
            "{task} 잠듦: accept 큐가 가득 참",
        ),
        WaitFor::AnyOf => (
            "**{task}**{:이} poll()에서 잠듭니다. 준비된 디스크립터가 하나도 없습니다.",
            "{task} 잠듦: poll()",
        ),
        WaitFor::Pipe => (
            "**{task}**{:이} 잠듭니다. 파이프가 비어 있거나, 쓰려는 것이 들어갈 자리가 없습니다.",
            "{task} 잠듦: 파이프",
        ),
        WaitFor::Child => (
            "**{task}**{:이} wait()에서 잠듭니다. 끝난 자식이 없습니다.",
            "{task} 잠듦: 자식을 기다림",
        ),
        WaitFor::Time => (
            "**{task}**{:이} 정해 둔 시간 동안 잠듭니다.",
            "{task} 잠듦: 시간 대기",
        ),
    }
}

fn woke(on: WaitFor, because: Rule) -> Template {
    if because == Rule::Interrupted {
        return ("**{task}**{:이} 깨어납니다. {why}", "{task} 깨어남: 시그널");
    }
    if because == Rule::TimeUp {
        return (
            "**{task}**{:이} 깨어납니다. {why}",
            "{task} 깨어남: 시간이 됨",
        );
    }
    match on {
        WaitFor::Connection => (
            "**{task}**{:이} accept()에서 깨어납니다. {why} 스케줄러가 차례를 주면 계속 실행됩니다.",
            "{task} 깨어남: accept()",
        ),
        WaitFor::Handshake => (
            "**{task}**{:이} connect()에서 깨어납니다. handshake가 성공했든 실패했든 결과가 나왔습니다.",
            "{task} 깨어남: connect()",
        ),
        WaitFor::Data => (
            "**{task}**{:이} 깨어납니다. {at}에 데이터나 스트림의 끝, 또는 오류가 와 있습니다.",
            "{task} 깨어남: 받을 것이 있음",
        ),
        WaitFor::SendSpace => (
            "**{task}**{:이} 깨어납니다. {at}의 송신 큐에 다시 자리가 났거나 오류가 났습니다.",
            "{task} 깨어남: 보낼 수 있음",
        ),
        WaitFor::PeerRoom => (
            "**{task}**{:이} 깨어납니다. 충분히 읽혔거나 상대가 사라졌습니다.",
            "{task} 깨어남: 보낼 수 있음",
        ),
        WaitFor::AcceptRoom => (
            "**{task}**{:이} connect()에서 깨어납니다. accept 큐에 다시 자리가 났거나 기다리던 소켓이 사라졌습니다.",
            "{task} 깨어남: connect()",
        ),
        WaitFor::Pipe => (
            "**{task}**{:이} 깨어납니다. 파이프에 데이터나 자리가 생겼거나 반대쪽 끝이 닫혔습니다.",
            "{task} 깨어남: 파이프",
        ),
        WaitFor::Child => (
            "**{task}**{:이} wait()에서 깨어납니다. 자식이 끝났습니다.",
            "{task} 깨어남: 자식이 끝남",
        ),
        WaitFor::AnyOf | WaitFor::Time => (
            "**{task}**{:이} 깨어납니다. 기다리던 디스크립터 하나가 준비되었습니다.",
            "{task} 깨어남: 디스크립터 준비됨",
        ),
    }
}

fn created(because: Rule) -> Template {
    if because == Rule::SynToListener {
        (
            "커널이 새 연결의 **요청**을 적어 둡니다. 디스크립터 없이 주소와 번호만 있어서 아직 어떤 프로그램도 쓸 수 없습니다.",
            "새 연결 요청",
        )
    } else if because == Rule::UnixConnect {
        (
            "connect()가 연결의 **서버 쪽 끝**을 곧바로 만듭니다. 이름은 기다리던 소켓과 같습니다. handshake도, 누군가의 답도 필요 없고, 디스크립터는 accept()가 줍니다.",
            "연결의 반대쪽 끝",
        )
    } else if because == Rule::SocketpairCall {
        (
            "커널이 {task:이} 요청한 **소켓**을 만듭니다. 처음부터 서로의 상대인 두 소켓 가운데 하나입니다.",
            "소켓 쌍의 하나",
        )
    } else if because == Rule::BothClosed {
        (
            "닫힌 소켓을 프로그램이 아직 갖고 있어서, 연결의 **TIME-WAIT**는 따로 만든 작은 항목이 이어받습니다. {why}",
            "TIME-WAIT 항목 생김",
        )
    } else {
        (
            "커널이 {task:이} 요청한 **소켓**을 만듭니다. CLOSED 상태이고 주소도, 포트도, 상대도 없습니다. 프로그램이 쓰려면 디스크립터가 더 필요합니다.",
            "새 소켓, CLOSED",
        )
    }
}

fn bound(because: Rule) -> Template {
    if because == Rule::InheritedPort {
        (
            "새 연결도 LISTEN 소켓과 같은 **{port}번 포트**를 씁니다. {why} accept()가 새 포트를 쓰는 것이 아닙니다.",
            "{port}번 포트, LISTEN 소켓과 같음",
        )
    } else if because == Rule::BothClosed {
        (
            "TIME-WAIT가 **{port}번 포트**를 계속 차지합니다. {why}",
            "TIME-WAIT가 {port}번 포트 유지",
        )
    } else {
        (
            "**{port}번 포트**가 이제 {sock}의 것으로 커널의 포트 표에 올라갑니다. {why}",
            "{port}번 포트 사용",
        )
    }
}

/// A direction of an AF_UNIX socket is shut: no segment tells the peer, the kernel does.
fn unix_shut(receive: bool, send: bool) -> Template {
    match (receive, send) {
        (true, true) => (
            "{sock}의 **양방향이 모두 닫힙니다**. 이미 받은 것은 읽을 수 있고, 그다음은 끝입니다. {why}",
            "양방향 닫힘",
        ),
        (true, false) => (
            "{sock}에는 **더 올 데이터가 없습니다**. 큐를 다 읽고 나면 recv()는 **0**을 돌려줍니다. {why}",
            "수신 방향 닫힘",
        ),
        (false, _) => (
            "{sock}의 **송신 방향이 닫힙니다**. 이제 send()는 EPIPE로 실패합니다. {why}",
            "송신 방향 닫힘",
        ),
    }
}
