#include <arpa/inet.h>
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

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    /* A small receive buffer, which the accepted socket inherits. */
    int size = 4096;
    if (setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) < 0)
        die("setsockopt");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    int a = socket(AF_INET, SOCK_STREAM, 0);
    if (a < 0)
        die("socket");
    if (connect(a, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    int b = accept(listener, NULL, NULL);
    if (b < 0)
        die("accept");

    /* More than the two buffers hold. With b's window closed a's FIN has to wait behind the data. */
    static char block[1 << 20];
    size = 8192;
    if (setsockopt(a, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0)
        die("setsockopt");
    ssize_t sent = send(a, block, sizeof block, MSG_DONTWAIT);
    if (sent < 0)
        die("send");
    if (shutdown(a, SHUT_WR) < 0)
        die("shutdown");
    printf("a has closed its half:   a %-11s b %s\n", state(a), state(b));

    /* b closes its half too, and has not heard of a's FIN. */
    if (shutdown(b, SHUT_WR) < 0)
        die("shutdown");
    printf("b has closed its half:   a %-11s b %s\n", state(a), state(b));

    /* b reads everything, a's FIN last. */
    if (recv(b, block, sent, MSG_WAITALL) != sent || recv(b, block, 1, 0) != 0)
        die("recv");
    printf("b has read to the end\n");
    close(a);
    close(b);
    close(listener);
    return 0;
}
