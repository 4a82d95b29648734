#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
int main(void) {
    static const char *texts[] = { "::", "::1", "1::", "1::2", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8",
        "fe80::1:2", "::1:2:3:4:5:6:7:8", "1::2::3", "1:::2", ":1", "1:", "", ":", "12345::", "abcd:EF01::", "g::", "::127.0.0.1",
        "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::01.2.3.4", "::1.2.3.256", "1.2.3.4",
        "::1.2.3.4:5", "::1 ", "::%1", "0::0", "00001::", ":::", "::1:", "1:2:3:4:5:6:7:", "1.2.3.4::", "::12", "::1:2", "::ffff:0:1", "::fffe:1.2.3.4", "0:0:1::", "1:0:0:2:0:0:0:3", "1:0:0:2:0:0:3:4", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0","1:0:3:4:5:6:7:8", "64:ff9b::1.2.3.4", "::ffff:0.0.0.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1..2.3", ".", "a.b.c.d", "-1.2.3.4", "99999999999999999999.1.1.1", "127.1", "0x7f.0.0.010 x", "4294967295", "4294967296", "1.2.3.", "a", "08", "0", "0x", "0x1", "1.2.65535", "1.2.65536", "1.16777215", "1.16777216", "1.2.3.4\n", "1.2.3.4x", "00.0.0.0", "0.00.0.0", "1.2.3.04", "1.2.3.0", "10.0x10.010.1","1 2", "255.255.255", "192.168" };
    unsigned i;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        unsigned char ip[16];
        char text[64];
        struct in_addr in;
        int r, j;
        printf("%s:", texts[i]);
        in.s_addr = 0;
        r = inet_aton(texts[i], &in);
        printf(" aton %d %08x addr %08x net %08x", r, r ? ntohl(in.s_addr) : 0, inet_addr(texts[i]), inet_network(texts[i]));
        if (r) printf(" %s netof %x lna %x make %x", inet_ntoa(in), inet_netof(in), inet_lnaof(in), inet_makeaddr(inet_netof(in), inet_lnaof(in)).s_addr == in.s_addr);
        memset(ip, 0xee, 16);
        r = inet_pton(AF_INET, texts[i], ip);
        printf(" pton4 %d", r);
        if (r == 1) printf(" %s", inet_ntop(AF_INET, ip, text, sizeof text));
        r = inet_pton(AF_INET6, texts[i], ip);
        printf(" pton6 %d", r);
        if (r == 1) { for (j = 0; j < 16; j++) printf("%02x", ip[j]); printf(" %s", inet_ntop(AF_INET6, ip, text, sizeof text)); }
        printf("\n");
    }
    {
        unsigned char ip[16] = { 1, 2, 3, 4 };
        char small[8], exact[8];
        errno = 0; printf("%d %s\n", inet_ntop(AF_INET, ip, small, 7) == NULL, strerror(errno));
        errno = 0; printf("%s %d\n", inet_ntop(AF_INET, ip, exact, 8), errno);
        errno = 0; printf("%d %s\n", inet_ntop(77, ip, small, 7) == NULL, strerror(errno));
        errno = 0; printf("%d %s\n", inet_pton(77, "1", small), strerror(errno));
    }
    return 0;
}
