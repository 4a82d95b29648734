#include <arpa/inet.h>
#include <errno.h>
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

static const char *state(int fd)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        die("getsockopt");
    return info.tcpi_state == TCP_CLOSE_WAIT ? "CLOSE_WAIT" : "another state";
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");

    int leaked[16], count = 0;
    int client;
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        char text[16];
        ssize_t length = recv(client, text, sizeof text, 0);
        if (length < 0)
            die("recv");
        if (send(client, text, length, 0) < 0)
            die("send");
        if (recv(client, text, sizeof text, 0) == 0)
            printf("client %d has closed\n", count + 1);
        leaked[count++] = client; /* the mistake: no close(client) */
    }
    printf("accept(): %s\n", strerror(errno));
    for (int i = 0; i < count; i++)
        printf("descriptor %d: %s\n", leaked[i], state(leaked[i]));

    /* One close() and the client that waits can be served. */
    close(leaked[0]);
    client = accept(listener, NULL, NULL);
    if (client < 0)
        die("accept");
    printf("after one close(), accept() gives %d\n", client);
    if (send(client, "late", 4, 0) < 0)
        die("send");
    return 0;
}
