/* The guest's application: numbered records, on two volumes, that quote each other.
 *
 *   recorder DATAFILE ROOTFILE PAUSE_MS   record for ever
 *   recorder clock                        print CLOCK_REALTIME, for the fsfreeze hook
 *
 * Each round it listens, writes one record to DATAFILE, then the same record to
 * ROOTFILE, each with fsync, and only then tells the whole subnet its number. The
 * record quotes the highest number heard of each other guest. So at any instant,
 * and in any consistent cut of the group, a guest's data volume is 0 or 1 records
 * ahead of its root volume, and no record quotes one that is on no root volume.
 *
 * A record is 128 bytes of text, padded with spaces up to its newline:
 *   number(10) realtime_ns(19) guest(3) other:number other:number ...
 * A guest is called by the last octet of its address, 0 as long as it has none.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 128, PORT = 5050, OTHERS_MAX = 6 };
/* Above FULL bytes a file loses its first DROP: it never fills the volume. */
enum { FULL = 8 << 20, DROP = 4 << 20 };

typedef unsigned long long u64;
static u64 heard[256];
static struct in_addr broadcast;
static unsigned self;

static void die(const char *what) {
    printf("recorder: STOPPED: %s: %s\n", what, strerror(errno));
    exit(1);
}

static u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* The number of the last whole record, which is left in `record`; 0 if there is none. */
static u64 last_of(int file, char *record) {
    for (off_t end = lseek(file, 0, SEEK_END) / SIZE * SIZE; end > 0; end -= SIZE) {
        if (pread(file, record, SIZE, end - SIZE) != SIZE) die("read");
        u64 number = strtoull(record, 0, 10);
        if (!number || record[SIZE - 1] != '\n') continue;
        if (ftruncate(file, end)) die("truncate");
        return number;
    }
    if (ftruncate(file, 0)) die("truncate");
    return 0;
}

/* What the last record quotes is still true after a reboot, or a recovery. */
static void remember(const char *record) {
    char *at;
    strtoull(record, &at, 10), strtoull(at, &at, 10), strtoul(at, &at, 10);
    for (;;) {
        unsigned other = strtoul(at, &at, 10) & 255;
        if (*at++ != ':') return;
        heard[other] = strtoull(at, &at, 10);
    }
}

static void look_for_address(int net) {
    struct ifreq r = {.ifr_name = "eth0"};
    self = 0;
    if (ioctl(net, SIOCGIFADDR, &r)) return;
    unsigned address = ntohl(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr);
    if (ioctl(net, SIOCGIFNETMASK, &r)) return;
    unsigned mask = ntohl(((struct sockaddr_in *)&r.ifr_netmask)->sin_addr.s_addr);
    broadcast.s_addr = htonl(address | ~mask);
    self = address & 255;
}

static void listen_to_others(int net) {
    char said[64];
    unsigned other;
    u64 number;
    for (ssize_t n; (n = recv(net, said, sizeof said - 1, MSG_DONTWAIT)) >= 0;) {
        said[n] = 0;
        if (sscanf(said, "%u %llu", &other, &number) != 2 || other > 255) continue;
        if (other != self && number > heard[other]) heard[other] = number;
    }
}

static void tell_others(int net, u64 number) {
    char say[64];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = broadcast};
    if (!self) return;
    int n = snprintf(say, sizeof say, "%u %llu", self, number);
    /* A datagram that is lost is a record that nobody quotes: no harm. */
    (void)!sendto(net, say, n, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

static void compose(char *record, u64 number) {
    int n = snprintf(record, SIZE, "%010llu %019llu %03u", number, now_ns(), self);
    for (int other = 1, others = 0; other < 256 && others < OTHERS_MAX; other++) {
        if (!heard[other]) continue;
        n += snprintf(record + n, SIZE - n, " %d:%llu", other, heard[other]);
        others++;
    }
    memset(record + n, ' ', SIZE - n);
    record[SIZE - 1] = '\n';
}

static void put(int file, const char *record, const char *where) {
    if (write(file, record, SIZE) != SIZE || fsync(file)) die(where);
    if (lseek(file, 0, SEEK_END) < FULL) return;
    if (fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, DROP)) die(where);
}

static int open_records(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_APPEND, 0644);
    if (file < 0) die(path);
    return file;
}

static int open_net(void) {
    int yes = 1, net = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    if (net < 0 || setsockopt(net, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes)) die("socket");
    if (bind(net, (struct sockaddr *)&any, sizeof any)) die("bind");
    return net;
}

int main(int count, char **argument) {
    setvbuf(stdout, 0, _IONBF, 0);
    if (count == 2) return printf("%llu\n", now_ns()) < 0;
    if (count != 4) return 2;
    /* One more than a record, so that reading numbers ends at a zero. */
    char record[SIZE + 1] = {0}, root_record[SIZE + 1] = {0};
    int data = open_records(argument[1]), root = open_records(argument[2]), net = open_net();
    u64 on_data = last_of(data, record), on_root = last_of(root, root_record);
    printf("recorder: data=%llu root=%llu\n", on_data, on_root);
    if (on_data) remember(record);
    if (on_root) remember(root_record);
    /* The end came between the two writes: complete the pair, and leave no hole. */
    if (on_data == on_root + 1) put(root, record, argument[2]);
    for (u64 number = (on_data > on_root ? on_data : on_root) + 1;; number++) {
        look_for_address(net);
        listen_to_others(net);
        compose(record, number);
        put(data, record, argument[1]);
        put(root, record, argument[2]);
        tell_others(net, number);
        usleep(atoi(argument[3]) * 1000);
    }
}
