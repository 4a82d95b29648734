#include <arpa/inet.h>
#include <netinet/in.h>
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

static int connected(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("connect");
    return fd;
}

static void say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), 0) < 0)
        die("send");
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        die("getsockopt");
    printf("%s: %s\n", text, info.tcpi_state == TCP_ESTABLISHED ? "ESTABLISHED" : "not connected");
}

static void hear(int fd, const char *who)
{
    char text[32];
    ssize_t length = recv(fd, text, sizeof text, 0);
    if (length < 0)
        perror(who);
    else
        printf("%s: %.*s\n", who, (int)length, text);
    close(fd);
}

int main(void)
{
    int first = connected();
    say(first, "the first");

    /* Both SYNs find room. */
    int second = connected();
    int third = connected();

    /* The second takes the last place. What completes the third handshake comes too late. */
    say(second, "the second");
    say(third, "the third");

    hear(first, "to the first");
    hear(second, "to the second");
    hear(third, "to the third");
    return 0;
}
