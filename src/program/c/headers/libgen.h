char *__xpg_basename(char *path);
#define basename __xpg_basename
char *dirname(char *path);
