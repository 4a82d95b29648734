#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ID = 0x1234 };

struct echo {
    struct icmphdr header;
    char data[8];
};

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* RFC 1071: the complement of the sum of all 16-bit words, in one's complement. */
static uint16_t checksum(const void *data, size_t length)
{
    const uint16_t *words = data;
    uint32_t sum = 0;
    for (size_t i = 0; i < length / 2; i++)
        sum += words[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

static void send_echo(int fd, int sequence)
{
    struct echo echo;
    memset(&echo, 0, sizeof echo);
    echo.header.type = ICMP_ECHO;
    echo.header.un.echo.id = htons(ID);
    echo.header.un.echo.sequence = htons(sequence);
    memcpy(echo.data, "sockets", 8);
    /* Nobody below a raw socket fills this in. */
    echo.header.checksum = checksum(&echo, sizeof echo);

    struct sockaddr_in to;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sendto(fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to) < 0)
        die("sendto");
}

/* Reads packets until the reply to that one has come. */
static void wait_for_reply(int fd, int sequence)
{
    char packet[128];
    for (;;) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &length);
        if (n < 0)
            die("recvfrom");
        /* The IP header comes along; its length is in words of four bytes. */
        struct iphdr *ip = (struct iphdr *)packet;
        struct icmphdr *icmp = (struct icmphdr *)(packet + ip->ihl * 4);
        size_t size = n - ip->ihl * 4;
        int id = ntohs(icmp->un.echo.id), got = ntohs(icmp->un.echo.sequence);
        printf("%zd bytes from %s: type %d, id %#x, seq %d, checksum %s\n", n,
               inet_ntoa(from.sin_addr), icmp->type, id, got,
               checksum(icmp, size) == 0 ? "right" : "wrong");
        /* A raw socket sees every ICMP packet of the host: this one is ours if id and seq are. */
        if (icmp->type == ICMP_ECHOREPLY && id == ID && got == sequence)
            return;
    }
}

int main(void)
{
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (fd < 0)
        die("socket");
    for (int sequence = 1; sequence <= 2; sequence++) {
        send_echo(fd, sequence);
        wait_for_reply(fd, sequence);
    }
    close(fd);
    return 0;
}
