/* Hosts by name and address, from what /etc/hosts says on most machines. Nobody is asked over the network: any other
   name is unknown. */
#include <arpa/inet.h>
#include <netdb.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct host { const char *address; char *names[4]; };

static const struct host hosts[] = {
    { "::1", { "localhost", "ip6-localhost", "ip6-loopback", NULL } },
    { "127.0.0.1", { "localhost", NULL } },
};

#define HOSTS (sizeof hosts / sizeof hosts[0])

static int last_error;

int *__h_errno_location(void) {
    return &last_error;
}

const char *hstrerror(int err) {
    static const char *const texts[] = { "Resolver Error 0 (no error)", "Unknown host", "Host name lookup failure",
                                         "Unknown server error", "No address associated with name" };
    return err < 0 ? "Resolver internal error" : err > 4 ? "Unknown resolver error" : texts[err];
}

void herror(const char *s) {
    if (s != NULL && *s != '\0')
        fprintf(stderr, "%s: %s\n", s, hstrerror(last_error));
    else
        fprintf(stderr, "%s\n", hstrerror(last_error));
}

const char *gai_strerror(int errcode) {
    static const char *const texts[] = { "Bad value for ai_flags", "Name or service not known",
        "Temporary failure in name resolution", "Non-recoverable failure in name resolution",
        "No address associated with hostname", "ai_family not supported", "ai_socktype not supported",
        "Servname not supported for ai_socktype", "Address family for hostname not supported",
        "Memory allocation failure", "System error" };
    static const char *const more[] = { "Processing request in progress", "Request canceled", "Request not canceled",
        "All requests done", "Interrupted by a signal", "Parameter string not correctly encoded" };
    if (errcode <= -1 && errcode >= -11)
        return texts[-1 - errcode];
    if (errcode <= -100 && errcode >= -105)
        return more[-100 - errcode];
    return "Unknown error";
}

/* The bytes of a host's address, if it is of that family. */
static int address_of(const struct host *host, int family, unsigned char *to)
{
    return (strchr(host->address, ':') != NULL) == (family == AF_INET6) && inet_pton(family, host->address, to);
}

static int has_name(const struct host *host, const char *name)
{
    char *const *own;
    for (own = host->names; *own != NULL; own++) {
        if (strcasecmp(*own, name) == 0)
            return 1;
    }
    return 0;
}

static const struct host *by_address(int family, const void *address)
{
    unsigned char own[16];
    size_t i;
    for (i = 0; i < HOSTS; i++) {
        if (address_of(&hosts[i], family, own) && memcmp(own, address, family == AF_INET6 ? 16 : 4) == 0)
            return &hosts[i];
    }
    return NULL;
}

static struct hostent entry;
static char entry_name[256];
static unsigned char entry_address[16];
static char *entry_list[2], *no_names[1];

static struct hostent *found(char *name, char **aliases, int family)
{
    entry.h_name = name;
    entry.h_aliases = aliases;
    entry.h_addrtype = family;
    entry.h_length = family == AF_INET6 ? 16 : 4;
    entry.h_addr_list = entry_list;
    entry_list[0] = (char *)entry_address;
    return &entry;
}

struct hostent *gethostbyname2(const char *name, int af) {
    struct in_addr in;
    size_t i;
    if ((af == AF_INET && inet_aton(name, &in)) || (af == AF_INET6 && inet_pton(af, name, entry_address) == 1)) {
        if (af == AF_INET)
            memcpy(entry_address, &in, 4);
        snprintf(entry_name, sizeof entry_name, "%s", name);
        return found(entry_name, no_names, af);
    }
    for (i = 0; i < HOSTS; i++) {
        if (has_name(&hosts[i], name) && address_of(&hosts[i], af, entry_address))
            return found(hosts[i].names[0], (char **)hosts[i].names + 1, af);
    }
    last_error = HOST_NOT_FOUND;
    return NULL;
}

struct hostent *gethostbyname(const char *name) {
    return gethostbyname2(name, AF_INET);
}

struct hostent *gethostbyaddr(const void *addr, socklen_t len, int type) {
    const struct host *host = NULL;
    if ((type == AF_INET && len == 4) || (type == AF_INET6 && len == 16))
        host = by_address(type, addr);
    if (host == NULL) {
        last_error = HOST_NOT_FOUND;
        return NULL;
    }
    memcpy(entry_address, addr, len);
    return found(host->names[0], (char **)host->names + 1, type);
}

struct kind { int socktype; int protocol; const char *name; };

/* In glibc's order; what comes first is what is meant if only one of the two is said. */
static const struct kind kinds[] = { { SOCK_STREAM, IPPROTO_TCP, "tcp" }, { SOCK_DGRAM, IPPROTO_UDP, "udp" },
                                     { 6, 33, "dccp" }, { SOCK_DGRAM, 136, "udplite" }, { SOCK_STREAM, 132, "sctp" },
                                     { 5, 132, "sctp" }, { SOCK_RAW, 0, "raw" } };

#define KINDS 7
#define RAW 6

struct wanted { int socktype; int protocol; int port; };

/* The kinds of sockets that are asked for, each with its port; their number, or an error. */
static int services_for(const char *service, const struct addrinfo *hints, struct wanted *wanted)
{
    int any = hints->ai_socktype == 0 && hints->ai_protocol == 0, count = 0, i;
    long port = 0;
    int numeric = 1;
    if (service != NULL) {
        char *end;
        port = (int)strtoul(service, &end, 10);
        numeric = *end == '\0' && port >= 0;
        if (*end != '\0' && (hints->ai_flags & AI_NUMERICSERV))
            return EAI_NONAME;
    }
    for (i = 0; i < KINDS; i++) {
        const struct kind *kind = &kinds[i];
        int own = htons(port);
        if (!any && ((hints->ai_socktype != 0 && hints->ai_socktype != kind->socktype) ||
                     (hints->ai_protocol != 0 && i != RAW && hints->ai_protocol != kind->protocol)))
            continue;
        if (any && ((numeric && i > 1 && i < RAW) || (i == RAW && !numeric)))
            continue;
        if (!any && i == RAW && service != NULL)
            return EAI_SERVICE;
        if (!numeric) {
            struct servent *known = getservbyname(service, kind->name);
            if (known == NULL && !any)
                return EAI_SERVICE;
            if (known == NULL)
                continue;
            own = known->s_port;
        }
        wanted[count].socktype = kind->socktype;
        wanted[count].protocol = i == RAW ? hints->ai_protocol : kind->protocol;
        wanted[count++].port = own;
        if (!any)
            break;
    }
    return count > 0 ? count : !any && hints->ai_socktype != 0 ? EAI_SOCKTYPE : EAI_SERVICE;
}

struct result {
    struct addrinfo info;
    union { struct sockaddr_in v4; struct sockaddr_in6 v6; } address;
};

struct list {
    const struct addrinfo *hints;
    const struct wanted *wanted;
    int kinds;
    const char *canonical;
    struct addrinfo **end;
    int count;
};

/* One address, for each kind of socket. */
static void add_address(struct list *list, int family, const void *address, unsigned scope)
{
    int i;
    for (i = 0; i < list->kinds; i++) {
        struct result *result = calloc(1, sizeof *result);
        result->info.ai_flags = list->hints->ai_flags;
        result->info.ai_family = family;
        result->info.ai_socktype = list->wanted[i].socktype;
        result->info.ai_protocol = list->wanted[i].protocol;
        result->info.ai_addr = (struct sockaddr *)&result->address;
        if (family == AF_INET6) {
            result->info.ai_addrlen = sizeof result->address.v6;
            result->address.v6.sin6_family = family;
            result->address.v6.sin6_port = list->wanted[i].port;
            result->address.v6.sin6_scope_id = scope;
            memcpy(&result->address.v6.sin6_addr, address, 16);
        } else {
            result->info.ai_addrlen = sizeof result->address.v4;
            result->address.v4.sin_family = family;
            result->address.v4.sin_port = list->wanted[i].port;
            memcpy(&result->address.v4.sin_addr, address, 4);
        }
        if (list->canonical != NULL && (list->hints->ai_flags & AI_CANONNAME) && list->count == 0)
            result->info.ai_canonname = strdup(list->canonical);
        *list->end = &result->info;
        list->end = &result->info.ai_next;
        list->count++;
    }
}

static void add_v4(struct list *list, const void *address)
{
    unsigned char mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    memcpy(mapped + 12, address, 4);
    if (list->hints->ai_family != AF_INET6)
        add_address(list, AF_INET, address, 0);
    else if (list->hints->ai_flags & AI_V4MAPPED)
        add_address(list, AF_INET6, mapped, 0);
}

/* An address as text; 0 if it is none. */
static int add_numeric(struct list *list, const char *node)
{
    struct in_addr in;
    struct in6_addr in6;
    char text[INET6_ADDRSTRLEN + 1];
    const char *percent = strchr(node, '%');
    size_t length = percent != NULL ? percent - node : strlen(node);
    unsigned long scope = 0;
    if (inet_aton(node, &in)) {
        add_v4(list, &in);
        return list->count > 0 ? 1 : EAI_ADDRFAMILY;
    }
    if (length >= sizeof text)
        return 0;
    memcpy(text, node, length);
    text[length] = '\0';
    if (inet_pton(AF_INET6, text, &in6) != 1)
        return 0;
    if (percent != NULL) {
        char *end;
        scope = strtoul(percent + 1, &end, 10);
        if (percent[1] == '\0' || *end != '\0') {
            if (!IN6_IS_ADDR_LINKLOCAL(&in6) || strcmp(percent + 1, "lo") != 0)
                return EAI_NONAME;
            scope = 1;
        }
    }
    if (list->hints->ai_family != AF_INET)
        add_address(list, AF_INET6, &in6, scope);
    else if (IN6_IS_ADDR_V4MAPPED(&in6))
        add_address(list, AF_INET, in6.s6_addr + 12, 0);
    return list->count > 0 ? 1 : EAI_ADDRFAMILY;
}

static int add_known(struct list *list, const char *node)
{
    unsigned char address[16];
    size_t i;
    int known = 0;
    for (i = 0; i < HOSTS; i++) {
        if (!has_name(&hosts[i], node))
            continue;
        known = 1;
        list->canonical = hosts[i].names[0];
        if (list->hints->ai_family != AF_INET && address_of(&hosts[i], AF_INET6, address))
            add_address(list, AF_INET6, address, 0);
        if (address_of(&hosts[i], AF_INET, address) &&
            (list->hints->ai_family != AF_INET6 || list->count == 0 || (list->hints->ai_flags & AI_ALL)))
            add_v4(list, address);
    }
    return list->count > 0 ? 0 : known ? EAI_ADDRFAMILY : EAI_NONAME;
}

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict res) {
    static const struct addrinfo usual = { AI_V4MAPPED | AI_ADDRCONFIG };
    struct wanted wanted[KINDS];
    struct addrinfo *first = NULL;
    struct list list = { hints != NULL ? hints : &usual, wanted, 0, node, &first, 0 };
    int flags = list.hints->ai_flags, family = list.hints->ai_family, error;
    if (node != NULL && strcmp(node, "*") == 0)
        node = NULL;
    if (service != NULL && strcmp(service, "*") == 0)
        service = NULL;
    if (node == NULL && service == NULL)
        return EAI_NONAME;
    if ((flags & ~0x5ff) != 0 || ((flags & AI_CANONNAME) && node == NULL))
        return EAI_BADFLAGS;
    if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
        return EAI_FAMILY;
    list.kinds = services_for(service != NULL && *service != '\0' ? service : NULL, list.hints, wanted);
    if (list.kinds < 0)
        return list.kinds;
    if (node == NULL) {
        int passive = flags & AI_PASSIVE, v6;
        struct in_addr in = { htonl(passive ? INADDR_ANY : INADDR_LOOPBACK) };
        for (v6 = !passive; v6 == 0 || v6 == 1; v6 += passive ? 1 : -1) {
            if (v6 && family != AF_INET)
                add_address(&list, AF_INET6, passive ? &in6addr_any : &in6addr_loopback, 0);
            if (!v6 && family != AF_INET6)
                add_address(&list, AF_INET, &in, 0);
        }
    } else {
        error = add_numeric(&list, node);
        if (error == 0)
            error = flags & AI_NUMERICHOST ? EAI_NONAME : add_known(&list, node);
        if (error < 0) {
            freeaddrinfo(first);
            return error;
        }
    }
    *res = first;
    return 0;
}

void freeaddrinfo(struct addrinfo *res) {
    while (res != NULL) {
        struct addrinfo *next = res->ai_next;
        free(res->ai_canonname);
        free(res);
        res = next;
    }
}

static int copy(char *to, socklen_t room, const char *text)
{
    if (strlen(text) >= room)
        return EAI_OVERFLOW;
    strcpy(to, text);
    return 0;
}

int getnameinfo(const struct sockaddr *restrict addr, socklen_t addrlen, char *restrict host, socklen_t hostlen, char *restrict serv, socklen_t servlen, int flags) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
    char text[INET6_ADDRSTRLEN + 12];
    const void *address;
    int family;
    if (flags & ~0xff)
        return EAI_BADFLAGS;
    if (addr == NULL || addrlen < sizeof(sa_family_t))
        return EAI_FAMILY;
    family = addr->sa_family;
    if ((flags & NI_NAMEREQD) && host == NULL && serv == NULL)
        return EAI_NONAME;
    if ((family != AF_INET || addrlen < sizeof *v4) && (family != AF_INET6 || addrlen < sizeof *v6))
        return EAI_FAMILY;
    address = family == AF_INET6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr;
    if (host != NULL && hostlen > 0) {
        const struct host *known = flags & NI_NUMERICHOST ? NULL : by_address(family, address);
        if (known == NULL && (flags & NI_NAMEREQD))
            return EAI_NONAME;
        if (known == NULL) {
            inet_ntop(family, address, text, sizeof text);
            if (family == AF_INET6 && v6->sin6_scope_id != 0)
                sprintf(text + strlen(text), v6->sin6_scope_id == 1 && IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? "%%lo" : "%%%u", v6->sin6_scope_id);
        }
        if (copy(host, hostlen, known != NULL ? known->names[0] : text) != 0)
            return EAI_OVERFLOW;
    }
    if (serv != NULL && servlen > 0) {
        struct servent *known = NULL;
        if (!(flags & NI_NUMERICSERV))
            known = getservbyport(v4->sin_port, flags & NI_DGRAM ? "udp" : "tcp");
        sprintf(text, "%d", ntohs(v4->sin_port));
        if (copy(serv, servlen, known != NULL ? known->s_name : text) != 0)
            return EAI_OVERFLOW;
    }
    return 0;
}
