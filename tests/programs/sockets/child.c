#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(const char *what, int result)
{
    printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
}

static int group(int s, int option, const char *address)
{
    struct group_req request = { .gr_interface = 1 };
    struct sockaddr_in *a = (struct sockaddr_in *)&request.gr_group;

    a->sin_family = AF_INET;
    inet_pton(AF_INET, address, &a->sin_addr);
    return setsockopt(s, IPPROTO_IP, option, &request, sizeof request);
}

/* What the child of a dual-stack listener has of it, and that it may become an IPv4 listener of its own. */
int main(void)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(8080) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(8080) };
    struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    int inet = AF_INET;
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    int child, grandchild;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    say("bind", bind(listener, (struct sockaddr *)&any, sizeof any));
    say("the listener joins", group(listener, MCAST_JOIN_GROUP, "239.1.1.1"));
    say("listen", listen(listener, 1));
    say("connect", connect(client, (struct sockaddr *)&to, sizeof to));
    child = accept(listener, NULL, NULL);
    say("the child leaves", group(child, MCAST_LEAVE_GROUP, "239.1.1.1"));
    say("the listener leaves", group(listener, MCAST_LEAVE_GROUP, "239.1.1.1"));

    say("the listener becomes IPv4", setsockopt(listener, IPPROTO_IPV6, IPV6_ADDRFORM, &inet, sizeof inet));
    say("the child becomes IPv4", setsockopt(child, IPPROTO_IPV6, IPV6_ADDRFORM, &inet, sizeof inet));
    say("disconnect", connect(child, &nobody, sizeof nobody));
    to.sin_port = htons(8081);
    say("bind", bind(child, (struct sockaddr *)&to, sizeof to));
    say("listen", listen(child, 1));
    close(client);
    client = socket(AF_INET, SOCK_STREAM, 0);
    say("connect", connect(client, (struct sockaddr *)&to, sizeof to));
    grandchild = accept(child, (struct sockaddr *)&name, &len);
    printf("family %d, %u octets\n", name.ss_family, len);
    send(client, "hello", 5, 0);
    say("receive", recv(grandchild, &name, sizeof name, 0) == 5 ? 0 : -1);
    return 0;
}
