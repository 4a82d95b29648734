#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* The state that the kernel has for the socket, in RFC 9293's words. */
static const char *state(int fd)
{
    static const char *const names[] = {
        "?", "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2",
        "TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
    };
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        die("getsockopt");
    return names[info.tcpi_state];
}

/* A socket bound to 127.0.0.1 and that port, which it shares with others that ask for it. */
static int bound(int port, int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    int on = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    return fd;
}

static void start_to_connect(int fd, int port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        die("connect");
}

int main(void)
{
    /* Two sockets that will both call connect(), each to the other's port. */
    int a = bound(5001, SOCK_NONBLOCK);
    int b = bound(5002, SOCK_NONBLOCK);

    /* On one machine the first SYN would be refused before the second is sent. So somebody listens at
     * b's port for a moment, with a full queue: such a listener drops a SYN without a word. */
    int full = bound(5002, 0);
    if (listen(full, 0) < 0)
        die("listen");
    int filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (filler < 0)
        die("socket");
    start_to_connect(filler, 5002);

    start_to_connect(a, 5002);
    printf("a has sent its SYN:  a %s\n", state(a));
    close(full);
    close(filler);

    /* Now b, which has not heard of a's SYN, sends its own. It meets a socket in SYN-SENT. */
    start_to_connect(b, 5001);
    printf("b has sent its SYN:  a %s, b %s\n", state(a), state(b));

    if (send(a, "hello", 5, 0) < 0)
        die("send");
    char text[8];
    ssize_t length = recv(b, text, sizeof text, 0);
    if (length < 0)
        die("recv");
    printf("b received: %.*s\n", (int)length, text);
    close(a);
    close(b);
    return 0;
}
