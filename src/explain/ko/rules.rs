//! Why, in Korean.

use crate::kernel::rule::Rule;

/// The sentence of a rule.
pub(in crate::explain) fn sentence(rule: Rule) -> &'static str {
    match rule {
        Rule::AskedFor => "프로그램이 직접 요청한 일입니다.",
        Rule::LastClose => "마지막 디스크립터가 닫혀, 이 소켓을 가진 프로그램이 더는 없습니다.",
        Rule::ProcessEnd => "프로세스가 끝나서 커널이 남은 디스크립터를 모두 닫습니다.",
        Rule::ShutdownCall => "프로그램이 shutdown()을 호출했습니다.",
        Rule::ActiveOpen => {
            "connect()는 상대에게 SYN을 보내 능동적으로 연결을 엽니다(active open)."
        }
        Rule::PassiveOpen => {
            "listen()은 수동적으로 엽니다(passive open). 이제부터 소켓은 SYN이 오기를 기다립니다."
        }
        Rule::SynToListener => {
            "LISTEN 소켓에 SYN이 오면 커널은 프로그램에 묻지 않고 요청을 적어 둔 뒤 SYN,ACK로 답합니다."
        }
        Rule::SynAckToActive => {
            "SYN,ACK는 상대가 우리 SYN을 들었다는 뜻이고, 우리 ACK는 상대의 SYN을 들었다는 뜻입니다."
        }
        Rule::SimultaneousOpen => {
            "양쪽의 SYN이 서로 엇갈렸습니다. TCP는 이런 동시 연결(simultaneous open)도 허용합니다."
        }
        Rule::HandshakeDone => {
            "3-way handshake의 마지막 세그먼트가 도착했습니다. 이제 양쪽 모두 상대가 자기 말을 들었음을 압니다."
        }
        Rule::SynAgain => {
            "같은 SYN이 다시 왔으니 우리 SYN,ACK가 사라진 듯합니다. 그래서 한 번 더 보냅니다."
        }
        Rule::AcceptCall => "accept()가 완성된 연결을 큐에서 꺼내 프로그램의 파일로 만듭니다.",
        Rule::ConnectionReady => "완성된 연결이 accept 큐에서 기다리고 있습니다.",
        Rule::NoSuchPort => {
            "주소가 맞는 연결도 없고 이 포트에서 기다리는 소켓도 없습니다. TCP는 이때 RST로 답합니다."
        }
        Rule::PeerReset => "상대가 RST를 보냈습니다. 상대에게 이 연결은 없는 연결입니다.",
        Rule::PeerRefused => {
            "SYN에 대한 답으로 RST가 왔습니다. 그 포트에서 기다리는 소켓이 없습니다."
        }
        Rule::ChallengeAck => {
            "번호가 정확히 맞지 않는 RST나 SYN은 위조일 수 있으므로, challenge ACK를 보내 진짜 상대인지 확인합니다."
        }
        Rule::UnacceptableAck => {
            "보낸 적 없는 것을 확인응답하고 있으니 이 연결의 세그먼트일 수 없습니다."
        }
        Rule::InOrder => "지금까지 받은 데이터에 정확히 이어집니다.",
        Rule::PeerFin => "상대가 FIN을 보냈습니다. 상대에게서 더 올 데이터가 없습니다.",
        Rule::FinAcked => "상대가 우리 FIN을 확인응답했습니다.",
        Rule::BothClosed => {
            "양쪽 방향이 모두 닫혔습니다. 먼저 닫은 쪽은 TIME-WAIT에서 60초를 기다립니다. 마지막 ACK가 사라지면 다시 보내고, 남은 옛 세그먼트가 사라지게 하려는 것입니다."
        }
        Rule::TimeWaitOver => {
            "60초(2·MSL, 리눅스에서는 고정값)가 지나, 옛 연결의 세그먼트가 네트워크에 남아 있을 수 없습니다."
        }
        Rule::InTimeWait => {
            "연결은 이미 끝났습니다. 상대의 FIN이 올 때마다 확인응답하는 일만 남았습니다."
        }
        Rule::SynInTimeWait => {
            "새 SYN의 번호가 옛 연결보다 뒤여서 서로 섞일 수 없으므로, 기다리지 않고 자리를 이어받습니다."
        }
        Rule::OrphanTimeout => {
            "소켓을 가진 프로그램도 없고 상대도 60초 동안 닫지 않아 리눅스가 포기합니다(tcp_fin_timeout)."
        }
        Rule::DataAfterClose => {
            "더는 어떤 프로그램도 읽을 수 없는 데이터가 왔습니다. 데이터가 버려졌음을 RST로 상대에게 알립니다."
        }
        Rule::UnreadData => {
            "수신 큐에 읽지 않은 데이터가 있는 채로 닫았습니다. FIN을 보내면 잘 끝난 것처럼 보이므로 RST를 보냅니다."
        }
        Rule::ListenerClosed => {
            "LISTEN 소켓이 닫혀서, 큐에서 기다리던 것을 accept할 프로그램이 없습니다."
        }
        Rule::AcceptQueueFull => {
            "accept 큐가 이미 backlog + 1개로 가득 찼습니다. 리눅스는 아무 말 없이 세그먼트를 버리고, 상대가 다시 시도하게 둡니다."
        }
        Rule::SynQueueFull => "반쯤 열린 요청이 이미 너무 많이 기다리고 있습니다.",
        Rule::WindowOpen => "상대의 윈도우와 혼잡 윈도우에 여유가 있어 바로 내보냅니다.",
        Rule::Nagle => {
            "Nagle 알고리즘: 작은 세그먼트는 앞서 보낸 작은 세그먼트가 확인응답될 때까지 기다립니다."
        }
        Rule::QuickAck => {
            "리눅스는 연결 초반, 빈틈이 생겼을 때, 한 세그먼트보다 많이 받았을 때 곧바로 ACK를 보냅니다."
        }
        Rule::DelayedAckDue => {
            "데이터에 실어 보내려고 미뤄 둔 ACK인데, 제때 나가는 데이터가 없었습니다."
        }
        Rule::WindowUpdate => {
            "프로그램이 데이터를 읽었으므로, 밀려 있던 ACK를 보내며 새로 생긴 여유 공간을 알립니다."
        }
        Rule::OutsideWindow => {
            "중복이거나 윈도우 밖의 세그먼트입니다. 다음에 기다리는 바이트는 ACK로 알려 줍니다."
        }
        Rule::OldTimestamp => {
            "타임스탬프가 이미 본 것보다 오래되었습니다. 뒤늦게 온 옛 중복입니다(PAWS)."
        }
        Rule::AckReceived => "새로운 것을 확인응답하는 ACK가 왔습니다.",
        Rule::RetransmissionTimeout => {
            "제때 확인응답이 오지 않아, 사라진 것으로 보고 다시 보냅니다."
        }
        Rule::FastRetransmit => {
            "중복 확인응답은 뒤의 세그먼트는 도착했지만 이것은 오지 않았다는 뜻입니다. 타이머를 기다리지 않고 다시 보냅니다."
        }
        Rule::TailLossProbe => {
            "왕복 시간의 두 배가 지나도록 마지막 세그먼트가 확인응답되지 않았습니다. 재전송 타이머가 다 되기 전에 프로브를 보내 상대가 답하게 합니다."
        }
        Rule::RetriesExhausted => "여러 번 다시 보내도 답이 없어 커널이 포기합니다.",
        Rule::ZeroWindow => {
            "상대의 윈도우가 닫혀 있습니다. 프로브를 보내 지금 윈도우가 얼마인지 다시 말하게 합니다."
        }
        Rule::NoRoute => "이 호스트에는 그 주소로 가는 경로가 없습니다.",
        Rule::KeepAlive => {
            "상대가 오랫동안 조용합니다. 킵얼라이브 프로브를 보내 아직 있는지 물어봅니다."
        }
        Rule::UserTimeout => {
            "데이터가 TCP_USER_TIMEOUT이 허락한 시간 동안 확인 응답을 받지 못해 커널이 포기합니다."
        }
        Rule::LingerZero => {
            "SO_LINGER가 0초입니다. close()는 기다리지 않고 연결을 리셋하며, 보내지 못한 데이터는 버립니다."
        }
        Rule::DeferAccept => "TCP_DEFER_ACCEPT: 리스너는 데이터가 와야 연결을 받아들입니다.",
        Rule::NothingToDo => "이 상태에서 쓸 만한 내용이 들어 있지 않습니다.",
        Rule::BindEphemeral => {
            "프로그램이 포트를 정하지 않아(포트 0으로 bind()하거나 bind() 없이 listen()) 커널이 홀수부터 찾아 골랐습니다."
        }
        Rule::ConnectEphemeral => {
            "프로그램이 bind() 없이 connect()를 호출해, 커널이 짝수부터 찾아 포트를 골랐습니다."
        }
        Rule::InheritedPort => {
            "LISTEN 소켓으로 들어온 연결은 모두 같은 포트를 쓰고, 상대의 주소와 포트로 구분됩니다."
        }
        Rule::AddressInUse => "다른 소켓이 이미 이 주소와 포트를 갖고 있습니다.",
        Rule::ListenerInTheWay => {
            "상대 소켓이 LISTEN 상태입니다. LISTEN 소켓에는 SO_REUSEADDR도 소용이 없습니다."
        }
        Rule::NoReuse => {
            "함께 쓰려면 두 소켓 모두 SO_REUSEADDR가 켜져 있어야 합니다. 이미 TIME-WAIT가 된 소켓도 마찬가지입니다."
        }
        Rule::TupleTaken => "두 주소와 두 포트가 모두 같은 연결이 이미 있습니다.",
        Rule::LinkRule => "시나리오의 규칙이나 사용자의 선택에 따른 것입니다.",
        Rule::TimeUp => "정해 둔 시간이 다 되었습니다.",
        Rule::Readiness => "소켓이 읽거나 쓸 수 있게 되었거나, 오류가 났습니다.",
        Rule::Replaced => "dup2()가 그 번호를 다른 파일에 주면서 가리키던 것을 닫습니다.",
        Rule::ChildEnded => "이 프로세스의 자식이 끝났습니다.",
        Rule::Interrupted => "시그널 핸들러가 실행되어, 중단된 호출이 끝납니다.",
        Rule::Disconnect => {
            "connect()가 실패했거나 AF_UNSPEC으로 호출되어, 소켓이 연결되지 않은 상태로 돌아갑니다."
        }
        Rule::Autobind => {
            "패밀리만 준 bind()는 16진수 다섯 자리를 고릅니다. 무작위 위치에서 시작해 처음으로 비어 있는 이름입니다."
        }
        Rule::NodeExists => {
            "경로가 이미 있습니다. 노드는 소켓을 닫아도 남습니다. 그래서 서버는 bind() 전에 unlink()를 부릅니다."
        }
        Rule::AbstractTaken => {
            "같은 타입의 다른 소켓이 이 추상 이름을 쓰고 있습니다. 그 소켓이 닫히면 이름도 풀립니다."
        }
        Rule::SocketpairCall => "socketpair()가 새 소켓 둘을 서로 잇습니다. 이름은 필요 없습니다.",
        Rule::UnixConnect => {
            "connect()가 그 이름으로 기다리는 소켓을 찾아 양쪽 끝을 스스로 만듭니다. accept() 전에 이미 연결되어 있습니다."
        }
        Rule::UnixDatagramConnect => {
            "데이터그램 소켓의 connect()는 보낼 상대를 적어 둘 뿐이고, 그 뒤로는 그 상대의 메시지만 받습니다."
        }
        Rule::UnixShutdown => "프로그램이 shutdown()을 불렀습니다.",
        Rule::UnixPeerShut => "상대가 shutdown()을 불러, 이쪽에서는 반대 방향이 닫힙니다.",
        Rule::UnixPeerClosed => "상대가 닫혔습니다.",
        Rule::UnixUnread => {
            "상대가 큐에 읽지 않은 것을 남긴 채 닫혔습니다. 그것은 사라지고, 이쪽은 그 사실을 한 번 전달받습니다."
        }
        Rule::NeverAccepted => "이 연결을 accept하기 전에 기다리던 소켓이 닫혔습니다.",
        Rule::PeerGone => {
            "데이터그램 소켓의 상대가 닫혔거나 다른 상대로 바꾸었습니다. 알려 준 쪽은 없었고, 지금 알게 됩니다."
        }
        Rule::MessageTruncated => {
            "버퍼가 메시지보다 짧았습니다. 들어가지 않는 부분은 사라지며, 실제 길이는 MSG_TRUNC로 알 수 있습니다."
        }
        Rule::DatagramSocket => "프로그램이 데이터그램 소켓을 요청했습니다.",
        Rule::UdpNoReuse => {
            "함께 쓰려면 두 소켓 모두 SO_REUSEADDR 또는 SO_REUSEPORT가 켜져 있어야 합니다."
        }
        Rule::IcmpNotTold => {
            "UDP 소켓은 connect()했거나 IP_RECVERR로 요청했을 때만 오류를 알게 됩니다."
        }
        Rule::DatagramSent => "데이터그램은 바로 나가고, 커널은 사본을 남기지 않습니다.",
        Rule::UdpEphemeral => "프로그램이 포트를 정하지 않아 커널이 무작위로 골랐습니다.",
        Rule::DatagramConnect => "데이터그램 소켓의 connect()는 상대를 적어 둘 뿐입니다.",
        Rule::DatagramDisconnect => "프로그램이 AF_UNSPEC으로 connect()를 호출했습니다.",
        Rule::DatagramShutdown => {
            "프로그램이 shutdown()을 호출했습니다. 데이터그램 소켓에서는 아무것도 보내지 않습니다."
        }
        Rule::UdpPortUnreachable => {
            "그 포트를 가진 UDP 소켓이 없으면 호스트는 ICMP “port unreachable”로 알립니다."
        }
        Rule::ReceiveBufferFull => {
            "수신 버퍼가 가득 찼습니다(SO_RCVBUF는 데이터뿐 아니라 데이터그램이 차지하는 메모리를 셉니다)."
        }
        Rule::CopyFailed => "큐에서 꺼냈지만 프로그램이 준 버퍼에 쓸 수 없습니다.",
        Rule::IcmpError => "이 소켓이 보낸 것에 대해 ICMP 오류가 돌아왔습니다.",
        Rule::IcmpHardError => "이 연결 시도가 성공할 수 없다고 ICMP 오류가 알려 왔습니다.",
        Rule::IcmpSoftError => {
            "일시적일 수 있는 ICMP 오류입니다. TCP는 계속 시도하되, 끝내 실패할 때를 위해 이유를 기억합니다."
        }
        Rule::IcmpStray => "이 호스트가 보낸 것을 인용하지 않았거나, 할 일이 없는 메시지입니다.",
        Rule::EchoAnswered => "모든 호스트는 echo request에 실린 것을 그대로 돌려보냅니다.",
    }
}
