/* A disk that fails: put before the C library (LD_PRELOAD), it lets calls of one kind fail with EIO.

   SQLite and Python call these functions by name, so that nothing of either is changed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>

enum kind { SYNC, WRITE, TRUNCATE, KINDS };

static int counted[KINDS];
static int failing = -1, from, until;

/* Let the calls of a kind fail from one number to another, counted from now. */
void disk_fails(int kind, int first, int last) {
    for (int each = 0; each < KINDS; each++)
        counted[each] = 0;
    failing = kind, from = first, until = last;
}

int disk_counted(int kind) { return counted[kind]; }

static int fails(enum kind kind) {
    int number = ++counted[kind];
    if (kind != failing || number < from || number > until)
        return 0;
    errno = EIO;
    return 1;
}

#define PASS(kind, type, name, takes, ...)                                                         \
    type name takes {                                                                              \
        static type(*real) takes;                                                                  \
        if (!real)                                                                                 \
            real = (type(*) takes)dlsym(RTLD_NEXT, #name);                                         \
        return fails(kind) ? -1 : real(__VA_ARGS__);                                               \
    }

PASS(SYNC, int, fsync, (int file), file)
PASS(SYNC, int, fdatasync, (int file), file)
PASS(WRITE, ssize_t, pwrite, (int file, const void *from_, size_t size, off_t at), file, from_, size, at)
PASS(WRITE, ssize_t, pwrite64, (int file, const void *from_, size_t size, off64_t at), file, from_, size, at)
PASS(TRUNCATE, int, ftruncate, (int file, off_t size), file, size)
PASS(TRUNCATE, int, ftruncate64, (int file, off64_t size), file, size)
