#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <stdarg.h>
#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#define SA struct sockaddr
#define MAXLINE 4096
#define CHECK(x) do { if ((x) < 0) { perror(#x); exit(1); } } while (0)
#define die(...) (fprintf(stderr, __VA_ARGS__), exit(1))
#define MIN(a,b) (((a)<(b))?(a):(b))
typedef void Sigfunc(int);
Sigfunc *sigs(int n, Sigfunc *f) { (void)n; return f; }
void err_quit(const char *fmt, ...) { va_list ap; va_start(ap, fmt); vfprintf(stderr, fmt, ap); va_end(ap); }
struct hdr { uint8_t ver:4, ihl:4; uint8_t tos; uint16_t len; uint32_t src, dst; } __attribute__((packed));
union addr { struct sockaddr sa; struct sockaddr_in in; struct sockaddr_in6 in6; struct sockaddr_storage ss; struct sockaddr_un un; };
static unsigned short cksum(unsigned short *p, int n) { unsigned long s = 0; while (n > 1) { s += *p++; n -= 2; } if (n) s += *(unsigned char *)p; s = (s >> 16) + (s & 0xffff); s += s >> 16; return (unsigned short)~s; }
static void *get_in_addr(struct sockaddr *sa) { if (sa->sa_family == AF_INET) return &(((struct sockaddr_in *)sa)->sin_addr); return &(((struct sockaddr_in6 *)sa)->sin6_addr); }
int main(int argc, char **argv)
{
	union addr a; char s[INET6_ADDRSTRLEN]; struct sockaddr_storage ss; socklen_t len = sizeof(ss);
	memset(&a, 0, sizeof a); a.in.sin_family = AF_INET; a.in.sin_port = htons(3490); inet_pton(AF_INET, "192.0.2.7", &a.in.sin_addr);
	memcpy(&ss, &a, sizeof(a.in)); printf("%s %d %u\n", inet_ntop(ss.ss_family, get_in_addr((struct sockaddr *)&ss), s, sizeof s), ntohs(((struct sockaddr_in *)&ss)->sin_port), len);
	printf("%zu %zu %zu %zu %zu\n", sizeof(struct sockaddr), sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6), sizeof(struct sockaddr_un), sizeof(struct sockaddr_storage));
	struct hdr h = { .ver = 4, .ihl = 5, .len = htons(20), .src = inet_addr("127.0.0.1"), .dst = htonl(0x0a000001) }; unsigned char *p = (unsigned char *)&h; for (size_t i = 0; i < sizeof h; i++) printf("%02x", p[i]); printf(" %zu %04x\n", sizeof h, cksum((unsigned short *)&h, sizeof h));
	struct sockaddr_in servaddr = { 0 }; bzero(&servaddr, sizeof(servaddr)); servaddr.sin_family = AF_INET; servaddr.sin_addr.s_addr = htonl(INADDR_ANY); servaddr.sin_port = htons(argc > 5 ? atoi(argv[1]) : 9877); printf("%d %08x\n", ntohs(servaddr.sin_port), ntohl(servaddr.sin_addr.s_addr));
	char buf[MAXLINE], *q; snprintf(buf, sizeof(buf), "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", "/", "localhost"); if ((q = strstr(buf, "\r\n")) != NULL) *q = '\0'; printf("%s %ld\n", buf, (long)(q - buf)); int n; if ((n = strlen(buf)) > 0 && buf[n - 1] == '0') printf("%d %d\n", n, MIN(n, 3));
	uint32_t net = htonl(1); uint8_t *nb = (uint8_t *)&net; printf("%d%d%d%d\n", nb[0], nb[1], nb[2], nb[3]); uint64_t v64 = ((uint64_t)htonl(1) << 32) | htonl(2); printf("%lx\n", (unsigned long)v64); unsigned int i32 = 0; i32 |= (unsigned)buf[0] << 24; i32 |= buf[1] << 16; printf("%x\n", i32); 
	char line[] = "key=value; k2=v2"; for (char *t = strtok(line, ";= "); t; t = strtok(NULL, ";= ")) printf("[%s]", t); puts(""); errno = EINTR; printf("%s %d\n", strerror(errno), errno == EINTR); struct { int fd; struct sockaddr_in addr; char name[32]; } clients[4] = { { -1 }, [2] = { .fd = 7, .name = "bob" } }; printf("%d %d %s %zu\n", clients[0].fd, clients[2].fd, clients[2].name, sizeof clients);
	Sigfunc *sf = sigs(1, NULL); printf("%d\n", sf == NULL); struct in_addr ia = { .s_addr = htonl(INADDR_LOOPBACK) }; printf("%s %d\n", inet_ntoa(ia), IN6_IS_ADDR_LOOPBACK(&in6addr_loopback)); if (0) CHECK(-1); if (0) die("x%d\n", 1); if (argc > 9) err_quit("usage: %s\n", argv[0]); return 0;
}
