//! What errors mean and what usually causes them, in Korean.

use crate::abi::Errno;

/// One sentence for each error that socket programs meet.
pub(in crate::explain) const SENTENCES: &[(Errno, &str)] = &[
    (
        Errno::EPERM,
        "권한이 없습니다. 예를 들어 raw 소켓에는 CAP_NET_RAW가 필요합니다.",
    ),
    (
        Errno::ENOENT,
        "그런 경로가 없습니다. AF_UNIX라면 그 이름에 bind()한 소켓이 없습니다.",
    ),
    (
        Errno::EINTR,
        "아무것도 하기 전에 시그널이 호출을 중단시켰습니다. 다시 호출하면 됩니다.",
    ),
    (Errno::EIO, "읽거나 쓰는 중에 장치에서 오류가 났습니다."),
    (
        Errno::EBADF,
        "열려 있는 디스크립터가 아닙니다. 연 적이 없거나, 이미 닫았거나, 실패한 호출이 돌려준 -1입니다.",
    ),
    (
        Errno::EAGAIN,
        "지금은 할 수 있는 일이 없는데 기다리지 말라고 했습니다(O_NONBLOCK, MSG_DONTWAIT, 타임아웃). 나중에 다시 시도하세요.",
    ),
    (Errno::ENOMEM, "커널에 남은 메모리가 없습니다."),
    (
        Errno::EACCES,
        "허용되지 않습니다. 대개 CAP_NET_BIND_SERVICE 없이 1024 미만의 포트에 bind()한 경우입니다.",
    ),
    (
        Errno::EFAULT,
        "포인터 인자가 프로그램의 메모리를 가리키지 않습니다.",
    ),
    (Errno::EBUSY, "다른 곳에서 사용 중입니다."),
    (
        Errno::EEXIST,
        "이미 있습니다. 예를 들어 epoll에 이미 등록된 디스크립터입니다.",
    ),
    (Errno::ENODEV, "그런 네트워크 장치가 없습니다."),
    (
        Errno::EINVAL,
        "인자가 지금 상황에 맞지 않습니다. 주소 길이가 틀렸거나, 이미 포트가 있는 소켓에 bind()했거나, LISTEN이 아닌 소켓에 accept()한 경우입니다.",
    ),
    (
        Errno::ENFILE,
        "시스템 전체에서 열 수 있는 파일 수를 다 썼습니다.",
    ),
    (
        Errno::EMFILE,
        "프로세스가 디스크립터(보통 1024개)를 다 썼습니다. 닫지 않은 소켓이 쌓인 경우가 많습니다.",
    ),
    (
        Errno::ENOTTY,
        "이 종류의 파일에는 맞지 않는 ioctl() 요청입니다.",
    ),
    (Errno::ENOSPC, "남은 공간이 없습니다."),
    (
        Errno::ESPIPE,
        "소켓에는 위치라는 것이 없어서 lseek()를 쓸 수 없습니다.",
    ),
    (
        Errno::EPIPE,
        "더는 보낼 수 없습니다. 이쪽 송신을 닫았거나, 연결이 끊어졌거나, 연결한 적이 없습니다. MSG_NOSIGNAL이 없으면 SIGPIPE도 함께 옵니다.",
    ),
    (Errno::EDOM, "숫자가 함수가 허용하는 범위를 벗어났습니다."),
    (Errno::ENAMETOOLONG, "경로나 이름이 정해진 길이보다 깁니다."),
    (Errno::ENOSYS, "이 커널에는 없는 시스템 콜입니다."),
    (Errno::EOVERFLOW, "값이 담을 타입보다 큽니다."),
    (Errno::EPROTO, "프로토콜에 어긋난 일이 있었습니다."),
    (
        Errno::ENOTSOCK,
        "디스크립터는 열려 있지만 소켓이 아니라 파일, 파이프, 터미널 같은 것입니다.",
    ),
    (
        Errno::EDESTADDRREQ,
        "데이터그램에는 목적지가 필요합니다. sendto()로 주거나 먼저 connect()하세요.",
    ),
    (
        Errno::EMSGSIZE,
        "데이터그램이 너무 큽니다. IPv4의 UDP는 65507바이트까지 실을 수 있습니다.",
    ),
    (
        Errno::EPROTOTYPE,
        "상대 소켓의 타입이 다릅니다(스트림과 데이터그램).",
    ),
    (
        Errno::ENOPROTOOPT,
        "이 프로토콜에는 그런 옵션이나 레벨이 없습니다.",
    ),
    (
        Errno::EPROTONOSUPPORT,
        "이 소켓 타입에는 그 프로토콜이 없습니다. 예를 들어 SOCK_STREAM에 UDP를 준 경우입니다.",
    ),
    (
        Errno::ESOCKTNOSUPPORT,
        "이 주소 패밀리에는 그런 타입의 소켓이 없습니다.",
    ),
    (
        Errno::EOPNOTSUPP,
        "이 종류의 소켓으로는 할 수 없습니다. 예를 들어 UDP 소켓에 listen()한 경우입니다.",
    ),
    (
        Errno::EAFNOSUPPORT,
        "모르는 주소 패밀리이거나 소켓의 것과 다릅니다. sin_family를 채우지 않은 경우가 많습니다.",
    ),
    (
        Errno::EADDRINUSE,
        "다른 소켓이 그 포트를 쓰고 있습니다. 아직 실행 중인 서버이거나, 이전 실행이 남긴 TIME-WAIT입니다(후자는 두 실행 모두 bind() 전에 SO_REUSEADDR를 켜면 피할 수 있습니다).",
    ),
    (
        Errno::EADDRNOTAVAIL,
        "이 컴퓨터의 주소가 아니거나, connect()가 쓸 수 있는 로컬 포트를 찾지 못했습니다.",
    ),
    (Errno::ENETDOWN, "네트워크 장치가 꺼져 있습니다."),
    (Errno::ENETUNREACH, "그 네트워크로 가는 경로가 없습니다."),
    (
        Errno::ENETRESET,
        "keep-alive 프로브로 연결이 끊어졌음을 알고 연결을 버렸습니다.",
    ),
    (
        Errno::ECONNABORTED,
        "프로그램이 받기 전에 연결이 사라졌습니다.",
    ),
    (
        Errno::ECONNRESET,
        "상대가 RST를 보냈습니다. 비정상 종료했거나, 읽지 않은 데이터를 두고 닫았거나, 이 연결을 모르는 경우입니다.",
    ),
    (Errno::ENOBUFS, "커널에 남은 버퍼 공간이 없습니다."),
    (
        Errno::EISCONN,
        "이미 연결되었거나 LISTEN 중인 소켓입니다. 다른 연결에는 새 소켓을 쓰세요.",
    ),
    (
        Errno::ENOTCONN,
        "상대가 없습니다. connect()에 성공한 적이 없거나, 연결이 사라졌거나, LISTEN 소켓입니다.",
    ),
    (Errno::ESHUTDOWN, "이 방향은 이미 닫혔습니다."),
    (
        Errno::ETIMEDOUT,
        "상대가 거절조차 하지 않았습니다. 방화벽이 패킷을 버리거나 호스트가 없는 경우로, connect()가 이를 알기까지 2분쯤 걸립니다.",
    ),
    (
        Errno::ECONNREFUSED,
        "호스트는 있지만 그 포트에서 기다리는 소켓이 없습니다. 서버가 실행 중이 아니거나 주소나 포트가 틀렸습니다(htons()를 잊었나요?).",
    ),
    (
        Errno::EHOSTDOWN,
        "호스트가 링크 수준에서 응답하지 않습니다.",
    ),
    (
        Errno::EHOSTUNREACH,
        "호스트에 닿을 수 없습니다. 라우터가 그렇게 알려 왔거나 ARP에 아무도 답하지 않았습니다.",
    ),
    (
        Errno::EALREADY,
        "앞서 시작한 논블로킹 connect()가 아직 진행 중입니다.",
    ),
    (
        Errno::EINPROGRESS,
        "실패가 아닙니다. 논블로킹 connect()가 시작되었습니다. poll()로 쓰기 가능해질 때까지 기다린 뒤 SO_ERROR를 확인하세요.",
    ),
];
