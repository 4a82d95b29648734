#include <arpa/inet.h>
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

/* A listener at that address and port, or why there is none. */
static int listener_at(const char *ip, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        die("socket");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1)
        die(ip);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(fd, 5) < 0)
        die("listen");
    return fd;
}

int main(void)
{
    int narrow = listener_at("127.0.0.1", 7001); /* one address of this machine */
    int wide = listener_at("0.0.0.0", 7002);     /* all of them */

    /* An IPv6 socket at :: is for all of both families, unless IPV6_V6ONLY is set. */
    int dual = socket(AF_INET6, SOCK_STREAM, 0);
    if (dual < 0)
        die("socket");
    struct sockaddr_in6 any;
    memset(&any, 0, sizeof any);
    any.sin6_family = AF_INET6;
    any.sin6_addr = in6addr_any;
    any.sin6_port = htons(7003);
    if (bind(dual, (struct sockaddr *)&any, sizeof any) < 0)
        die("bind");
    if (listen(dual, 5) < 0)
        die("listen");

    /* The one IPv4 client of the dual socket. */
    struct sockaddr_in6 peer;
    socklen_t length = sizeof peer;
    int client = accept(dual, (struct sockaddr *)&peer, &length);
    if (client < 0)
        die("accept");
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text) == NULL)
        die("inet_ntop");
    printf("the dual socket's client is %s\n", text);
    close(client);
    close(narrow);
    close(wide);
    close(dual);
    return 0;
}
