#include <sockscope/types.h>
struct group { char *gr_name; char *gr_passwd; gid_t gr_gid; char **gr_mem; };
struct group *getgrnam(const char *name);
struct group *getgrgid(gid_t gid);
struct group *getgrent(void);
int initgroups(const char *user, gid_t group);
int setgroups(size_t size, const gid_t *list);
