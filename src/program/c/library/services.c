/* Services and protocols by name and number, from what /etc/services and /etc/protocols say. */
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

/* Name, port, protocol, aliases. */
static const char services[] =
    "tcpmux 1 tcp\necho 7 tcp\necho 7 udp\ndiscard 9 tcp sink null\ndiscard 9 udp sink null\nsystat 11 tcp users\n"
    "daytime 13 tcp\ndaytime 13 udp\nqotd 17 tcp quote\nchargen 19 tcp ttytst source\n"
    "chargen 19 udp ttytst source\nftp-data 20 tcp\nftp 21 tcp\nssh 22 tcp\ntelnet 23 tcp\nsmtp 25 tcp mail\n"
    "time 37 tcp timserver\ntime 37 udp timserver\nwhois 43 tcp nicname\ndomain 53 tcp\ndomain 53 udp\n"
    "bootps 67 udp\nbootpc 68 udp\ntftp 69 udp\ngopher 70 tcp\nfinger 79 tcp\nhttp 80 tcp www\n"
    "kerberos 88 tcp kerberos5 krb5 kerberos-sec\nkerberos 88 udp kerberos5 krb5 kerberos-sec\npop3 110 tcp pop-3\n"
    "sunrpc 111 tcp portmapper\nsunrpc 111 udp portmapper\nauth 113 tcp authentication tap ident\n"
    "nntp 119 tcp readnews untp\nntp 123 udp\nnetbios-ns 137 udp\nnetbios-dgm 138 udp\nnetbios-ssn 139 tcp\n"
    "imap2 143 tcp imap\nsnmp 161 tcp\nsnmp 161 udp\nsnmp-trap 162 tcp snmptrap\nsnmp-trap 162 udp snmptrap\n"
    "bgp 179 tcp\nldap 389 tcp\nldap 389 udp\nhttps 443 tcp\nhttps 443 udp\nmicrosoft-ds 445 tcp\n"
    "submissions 465 tcp ssmtp smtps urd\nisakmp 500 udp\nrtsp 554 tcp\nrtsp 554 udp\nipp 631 tcp\nexec 512 tcp\n"
    "biff 512 udp comsat\nlogin 513 tcp\nwho 513 udp whod\nshell 514 tcp cmd syslog\nsyslog 514 udp\n"
    "printer 515 tcp spooler\ntalk 517 udp\nntalk 518 udp\nroute 520 udp router routed\nuucp 540 tcp uucpd\n"
    "submission 587 tcp\nldaps 636 tcp\nldaps 636 udp\ndomain-s 853 tcp\ndomain-s 853 udp\nrsync 873 tcp\n"
    "ftps-data 989 tcp\nftps 990 tcp\ntelnets 992 tcp\nimaps 993 tcp\npop3s 995 tcp\nsocks 1080 tcp\n"
    "openvpn 1194 tcp\nopenvpn 1194 udp\nms-sql-s 1433 tcp\nradius 1812 tcp\nradius 1812 udp\n"
    "radius-acct 1813 tcp radacct\nradius-acct 1813 udp radacct\nnfs 2049 tcp\nnfs 2049 udp\nmysql 3306 tcp\n"
    "ms-wbt-server 3389 tcp\nsvn 3690 tcp subversion\nipsec-nat-t 4500 udp\nsip 5060 tcp\nsip 5060 udp\n"
    "sip-tls 5061 tcp\nsip-tls 5061 udp\nxmpp-client 5222 tcp jabber-client\nxmpp-server 5269 tcp jabber-server\n"
    "mdns 5353 udp\npostgresql 5432 tcp postgres\namqp 5672 tcp\nx11 6000 tcp x11-0\nredis 6379 tcp\n"
    "http-alt 8080 tcp webcache\nircd 6667 tcp\ngit 9418 tcp\nwebmin 10000 tcp\n";

/* Name, number, alias. */
static const char protocols[] =
    "ip 0 IP\nicmp 1 ICMP\nigmp 2 IGMP\nggp 3 GGP\nipencap 4 IP-ENCAP\ntcp 6 TCP\negp 8 EGP\npup 12 PUP\n"
    "udp 17 UDP\ndccp 33 DCCP\nipv6 41 IPv6\nipv6-route 43 IPv6-Route\nipv6-frag 44 IPv6-Frag\nrsvp 46 RSVP\n"
    "gre 47 GRE\nesp 50 IPSEC-ESP\nah 51 IPSEC-AH\nipv6-icmp 58 IPv6-ICMP\nipv6-nonxt 59 IPv6-NoNxt\n"
    "ipv6-opts 60 IPv6-Opts\nospf 89 OSPFIGP\npim 103 PIM\nsctp 132 SCTP\nudplite 136 UDPLite\n";

/* A line, cut into its words. */
static char line[64];
static char *words[8];

static const char *cut(const char *at)
{
    int length = 0, count = 0;
    if (*at == '\0')
        return NULL;
    for (; *at != '\n'; at++) {
        if (length == 0 || line[length - 1] == '\0')
            words[count++] = line + length;
        line[length++] = *at == ' ' ? '\0' : *at;
    }
    line[length] = '\0';
    words[count] = NULL;
    return at + 1;
}

static int number(const char *digits)
{
    int value = 0;
    while (*digits != '\0')
        value = value * 10 + (*digits++ - '0');
    return value;
}

static int named(const char *name, char **aliases)
{
    if (strcmp(name, words[0]) == 0)
        return 1;
    for (; *aliases != NULL; aliases++) {
        if (strcmp(name, *aliases) == 0)
            return 1;
    }
    return 0;
}

static struct servent service;
static const char *next_service;

static struct servent *this_service(void)
{
    service.s_name = words[0];
    service.s_aliases = words + 3;
    service.s_port = htons(number(words[1]));
    service.s_proto = words[2];
    return &service;
}

struct servent *getservbyname(const char *name, const char *proto) {
    const char *at = services;
    while ((at = cut(at)) != NULL) {
        if (named(name, words + 3) && (proto == NULL || strcmp(proto, words[2]) == 0))
            return this_service();
    }
    return NULL;
}

struct servent *getservbyport(int port, const char *proto) {
    const char *at = services;
    while ((at = cut(at)) != NULL) {
        if (htons(number(words[1])) == port && (proto == NULL || strcmp(proto, words[2]) == 0))
            return this_service();
    }
    return NULL;
}

void setservent(int stayopen) {
    next_service = services;
}

void endservent(void) {
    next_service = services;
}

struct servent *getservent(void) {
    const char *after = cut(next_service == NULL ? services : next_service);
    if (after == NULL)
        return NULL;
    next_service = after;
    return this_service();
}

static struct protoent protocol;

static struct protoent *this_protocol(void)
{
    protocol.p_name = words[0];
    protocol.p_aliases = words + 2;
    protocol.p_proto = number(words[1]);
    return &protocol;
}

struct protoent *getprotobyname(const char *name) {
    const char *at = protocols;
    while ((at = cut(at)) != NULL) {
        if (named(name, words + 2))
            return this_protocol();
    }
    return NULL;
}

struct protoent *getprotobynumber(int proto) {
    const char *at = protocols;
    while ((at = cut(at)) != NULL) {
        if (number(words[1]) == proto)
            return this_protocol();
    }
    return NULL;
}
