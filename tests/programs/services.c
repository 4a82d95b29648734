#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void ask(const char *node, const char *service, int family, int type, int protocol, int flags, int hinted)
{
    struct addrinfo hints = { 0 }, *all = NULL, *one;
    int error;
    hints.ai_family = family;
    hints.ai_socktype = type;
    hints.ai_protocol = protocol;
    hints.ai_flags = flags;
    error = getaddrinfo(node, service, hinted ? &hints : NULL, &all);
    printf("(%s, %s, %d, %d, %d, %x, %d) = %d %s\n", node ? node : "NULL", service ? service : "NULL", family, type, protocol,
           flags, hinted, error, error ? gai_strerror(error) : "");
    for (one = error ? NULL : all; one != NULL; one = one->ai_next) {
        char host[NI_MAXHOST], serv[NI_MAXSERV];
        if (getnameinfo(one->ai_addr, one->ai_addrlen, host, sizeof host, serv, sizeof serv, NI_NUMERICHOST | NI_NUMERICSERV))
            strcpy(host, "?");
        printf("  %x %d %d %d %d %s %s %s\n", one->ai_flags, one->ai_family, one->ai_socktype, one->ai_protocol,
               (int)one->ai_addrlen, host, serv, one->ai_canonname ? one->ai_canonname : "-");
    }
    if (error == 0)
        freeaddrinfo(all);
}

int main(void)
{
    int i, flags[] = { 0, NI_NUMERICHOST, NI_NUMERICSERV, 3, NI_NAMEREQD, NI_DGRAM };
    struct servent *s;
    struct protoent *p;
    struct sockaddr_in sin = { AF_INET, htons(80) };
    struct in_addr in;
    struct hostent *h;
    char host[64], serv[64];
    ask(NULL, "80", 0, SOCK_STREAM, 0, 0, 1);
    ask(NULL, "80", 0, SOCK_STREAM, 0, AI_PASSIVE, 1);
    ask(NULL, "80", AF_INET, SOCK_STREAM, 0, AI_PASSIVE, 1);
    ask(NULL, "80", AF_INET6, SOCK_DGRAM, 0, AI_PASSIVE, 1);
    ask(NULL, "80", 0, 0, 0, AI_PASSIVE, 1);
    ask(NULL, NULL, 0, 0, 0, 0, 1);
    ask("127.0.0.1", "80", 0, 0, 0, 0, 0);
    ask("127.0.0.1", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "80", AF_INET6, SOCK_STREAM, 0, 0, 1);
    ask("::1", "80", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("::1", "80", 0, SOCK_DGRAM, 0, AI_CANONNAME, 1);
    ask("127.0.0.1", "nosuch", 0, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "nosuch", 0, 0, 0, 0, 1);
    ask("127.0.0.1", "http", 0, 0, 0, 0, 1);
    ask("127.0.0.1", "http", 0, SOCK_STREAM, 0, AI_NUMERICSERV, 1);
    ask("no.such.host", "80", 0, SOCK_STREAM, 0, AI_NUMERICHOST, 1);
    ask("127.0.0.1", "80", 7, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "80", 0, 77, 0, 0, 1);
    ask("127.0.0.1", "80", 0, SOCK_STREAM, IPPROTO_UDP, 0, 1);
    ask("127.0.0.1", "80", 0, SOCK_RAW, 0, 0, 1);
    ask("127.0.0.1", NULL, 0, SOCK_RAW, IPPROTO_ICMP, 0, 1);
    ask("127.0.0.1", "80", 0, 0, IPPROTO_UDP, 0, 1);
    ask("127.0.0.1", "domain", AF_INET, 0, 0, 0, 1);
    ask("127.0.0.1", "ntp", AF_INET, 0, 0, 0, 1);
    ask("127.0.0.1", "ssh", AF_INET, SOCK_DGRAM, 0, 0, 1);
    ask("127.0.0.1", "99999", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "-1", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", " 80", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "80x", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "0x50", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "80", AF_INET, SOCK_STREAM, 0, 0x8000, 1);
    ask(NULL, "80", 0, SOCK_STREAM, 0, AI_CANONNAME, 1);
    ask("127.0.0.1", "80", AF_INET6, SOCK_STREAM, 0, AI_V4MAPPED, 1);
    ask("127.1", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("1.2.3", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("fe80::1%lo", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("fe80::1%7", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("::1%lo", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("::ffff:1.2.3.4", "80", 0, SOCK_STREAM, 0, 0, 1);
    ask("::ffff:1.2.3.4", "80", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("localhost", "80", AF_INET, SOCK_STREAM | 04000, 0, 0, 1);
    ask("127.0.0.1", "80", 0, 0, IPPROTO_ICMP, 0, 1);
    ask("127.0.0.1", "80", 0, SOCK_SEQPACKET, 0, 0, 1);
    ask("127.0.0.1", "65535", AF_INET, SOCK_STREAM, 0, 0, 1);
    ask("127.0.0.1", "4294967296", AF_INET, SOCK_STREAM, 0, 0, 1);
    for (i = 5; i > -11; i--)
        printf("%d %s\n", i, gai_strerror(i));
    for (i = -99; i > -108; i--)
        printf("%d %s\n", i, gai_strerror(i));
    for (i = -2; i < 7; i++)
        printf("%d %s\n", i, hstrerror(i));
    h = gethostbyname("127.1");
    printf("%s %d %d %s\n", h->h_name, h->h_addrtype, h->h_length, inet_ntoa(*(struct in_addr *)h->h_addr));
    h = gethostbyname("1.2.3.4.5");
    printf("%d %d\n", h == NULL, h_errno);
    inet_aton("127.0.0.1", &in);
    h = gethostbyaddr(&in, sizeof in, AF_INET);
    printf("%s\n", h->h_name);
    s = getservbyname("http", "tcp");
    printf("%s %d %s %s\n", s->s_name, ntohs(s->s_port), s->s_proto, s->s_aliases[0]);
    s = getservbyname("www", NULL);
    printf("%s\n", s->s_name);
    printf("%d\n", getservbyname("http", "xyz") == NULL);
    s = getservbyport(htons(53), "udp");
    printf("%s %s %d\n", s->s_name, s->s_proto, s->s_aliases[0] == NULL);
    s = getservbyport(htons(25), NULL);
    printf("%s %s %s\n", s->s_name, s->s_proto, s->s_aliases[0]);
    p = getprotobyname("tcp");
    printf("%s %d %s\n", p->p_name, p->p_proto, p->p_aliases[0]);
    p = getprotobyname("UDP");
    printf("%s %d\n", p->p_name, p->p_proto);
    p = getprotobynumber(1);
    printf("%s %d\n", p->p_name, p->p_proto);
    printf("%d\n", getprotobynumber(200) == NULL);
    sin.sin_addr = in;
    for (i = 0; i < 6; i++) {
        int error = getnameinfo((struct sockaddr *)&sin, sizeof sin, host, 64, serv, 64, flags[i]);
        printf("%x %d %s %s\n", flags[i], error, host, serv);
    }
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, sizeof sin, host, 3, serv, 64, 3));
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, sizeof sin, host, 64, serv, 1, 3));
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, 8, host, 64, serv, 64, 3));
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, sizeof sin, NULL, 0, NULL, 0, 3));
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, sizeof sin, host, 64, serv, 64, 0x1000));
    sin.sin_family = 99;
    printf("%d\n", getnameinfo((struct sockaddr *)&sin, sizeof sin, host, 64, serv, 64, 3));
    return 0;
}
