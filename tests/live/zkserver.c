#include "tests/live/zkserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    READY_MS = 90000,
    STOP_MS = 30000,
    PATH_SIZE = 512,
};

static bool fail(struct rota_zkserver *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct rota_zkserver *s, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(s->error, sizeof s->error, format, arguments);
    va_end(arguments);
    return false;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void path_of(const struct rota_zkserver *s, const char *name, char *path)
{
    snprintf(path, PATH_SIZE, "%s/%s", s->directory, name);
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {0};

    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static bool port_free(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = loopback(port);
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return bound;
}

/* Reserves a port with an abstract socket of its name until this process exits, since no process
 * listens on the port before its server has started and while it is down. False if another process
 * has reserved it. */
static bool port_reserve(uint16_t port)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t room = sizeof name.sun_path - 1;
    int length = snprintf(name.sun_path + 1, room, "rota-port-%u", port);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&name, size) == 0)
        return true; /* open until this process ends */
    if (fd >= 0)
        close(fd);
    return false;
}

uint16_t rota_zkserver_port(void)
{
    enum { LOWEST = 12000, HIGHEST = 32000, TRIES = 1000 };

    for (int i = 0; i < TRIES; i++) {
        uint16_t number;

        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return 0;
        uint16_t port = (uint16_t)(LOWEST + number % (HIGHEST - LOWEST));
        if (port_reserve(port) && port_free(port))
            return port;
    }
    return 0;
}

/* Finds a jar by its plain name, or else with a version behind it. ROTA_ZOOKEEPER_JARS can name
 * another folder than Debian's. */
static bool jar_find(struct rota_zkserver *s, const char *name, char *path)
{
    const char *folder = getenv("ROTA_ZOOKEEPER_JARS");

    if (folder == NULL)
        folder = "/usr/share/java";
    char pattern[PATH_SIZE];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s/%s.jar", folder, name);
    glob(pattern, 0, NULL, &found);
    if (found.gl_pathc == 0) {
        snprintf(pattern, sizeof pattern, "%s/%s-[0-9]*.jar", folder, name);
        glob(pattern, GLOB_APPEND, NULL, &found);
    }
    bool there = found.gl_pathc > 0;
    if (there)
        snprintf(path, PATH_SIZE, "%s", found.gl_pathv[0]);
    globfree(&found);
    return there || fail(s,
                         "%s/%s.jar is missing: ZooKeeper is not installed here; "
                         "apt-get install zookeeper",
                         folder, name);
}

bool rota_zkserver_classes(struct rota_zkserver *s, char *text, size_t size)
{
    char server[PATH_SIZE];
    char logger[PATH_SIZE];

    if (!jar_find(s, "zookeeper", server) || !jar_find(s, "slf4j-simple", logger))
        return false;
    snprintf(text, size, "%s:%s", server, logger);
    return true;
}

static bool file_write(struct rota_zkserver *s, const char *name, const char *text)
{
    char path[PATH_SIZE];

    path_of(s, name, path);
    FILE *f = fopen(path, "we");
    if (f == NULL)
        return fail(s, "cannot write %s: %s", path, strerror(errno));
    bool written = fputs(text, f) >= 0;
    return (fclose(f) == 0 && written) || fail(s, "cannot write %s: %s", path, strerror(errno));
}

/* Stores the absolute path of an existing directory, since a running server shows that path. */
static bool directory_name(struct rota_zkserver *s, const char *directory)
{
    char *absolute = realpath(directory, NULL);
    bool fits = absolute != NULL && strlen(absolute) < sizeof s->directory;

    if (fits)
        snprintf(s->directory, sizeof s->directory, "%s", absolute);
    free(absolute);
    return fits || fail(s, "no usable directory: %s", directory);
}

static bool directory_make(struct rota_zkserver *s, const char *directory)
{
    if (directory == NULL) {
        const char *parent = getenv("TMPDIR");

        snprintf(s->directory, sizeof s->directory, "%s/rota-zk-XXXXXX",
                 parent != NULL ? parent : "/tmp");
        s->temporary = true;
        return mkdtemp(s->directory) != NULL ||
               fail(s, "cannot make %s: %s", s->directory, strerror(errno));
    }
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return fail(s, "cannot make %s: %s", directory, strerror(errno));
    return directory_name(s, directory);
}

/* The port in an existing configuration, 0 if there is none. */
static uint16_t configured_port(const struct rota_zkserver *s)
{
    char path[PATH_SIZE];

    path_of(s, "zoo.cfg", path);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    char line[PATH_SIZE];
    unsigned long port = 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "clientPort=", 11) == 0)
            port = strtoul(line + 11, NULL, 10);
    fclose(f);
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool configuration_write(struct rota_zkserver *s, const struct rota_zkserver_config *config)
{
    uint32_t tick_ms = config->tick_ms != 0 ? config->tick_ms : 200;
    char text[4096];
    int length = snprintf(text, sizeof text,
                          "tickTime=%u\ninitLimit=25\nsyncLimit=10\ndataDir=%s/data\n"
                          "clientPort=%u\nclientPortAddress=127.0.0.1\n"
                          "minSessionTimeout=%u\nmaxSessionTimeout=60000\nmaxClientCnxns=0\n"
                          "admin.enableServer=false\n4lw.commands.whitelist=*\n"
                          "snapCount=100000\nextendedTypesEnabled=true\nforceSync=%s\n%s",
                          tick_ms, s->directory, s->port, 2 * tick_ms,
                          config->durable ? "yes" : "no", config->more != NULL ? config->more : "");

    if (length < 0 || (size_t)length >= sizeof text)
        return fail(s, "the configuration is too long");
    char data[PATH_SIZE];
    path_of(s, "data", data);
    if (mkdir(data, 0777) != 0 && errno != EEXIST)
        return fail(s, "cannot make %s: %s", data, strerror(errno));
    char id[16];
    snprintf(id, sizeof id, "%u\n", config->id);
    return file_write(s, "zoo.cfg", text) && (config->id == 0 || file_write(s, "data/myid", id));
}

/* Called in the child: executes the server. */
static void become_server(const struct rota_zkserver *s, const char *classes, pid_t parent)
{
    char log[PATH_SIZE];
    char configuration[PATH_SIZE];

    path_of(s, "log", log);
    path_of(s, "zoo.cfg", configuration);
    setsid();
    if (!s->outlive) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    int in = open("/dev/null", O_RDONLY);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(1);
    close_range(3, ~0U, 0);
    execlp("java", "java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
           "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dzookeeper.jmx.log4j.disable=true",
           "-cp", classes, "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration,
           (char *)NULL);
    fprintf(stderr, "cannot run java: %s\n", strerror(errno));
    _exit(127);
}

static bool spawn(struct rota_zkserver *s)
{
    char classes[2 * PATH_SIZE];

    if (!rota_zkserver_classes(s, classes, sizeof classes))
        return false;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return fail(s, "cannot fork: %s", strerror(errno));
    if (pid == 0)
        become_server(s, classes, parent);
    s->pid = pid;
    char text[32];
    snprintf(text, sizeof text, "%ld\n", (long)pid);
    return file_write(s, "pid", text);
}

bool rota_zkserver_launch(struct rota_zkserver *s, const struct rota_zkserver_config *config)
{
    *s = (struct rota_zkserver){.outlive = config->outlive};
    if (!directory_make(s, config->directory))
        return false;
    s->port = configured_port(s);
    bool configured = s->port != 0;
    if (!configured)
        s->port = config->port != 0 ? config->port : rota_zkserver_port();
    if (s->port == 0)
        return fail(s, "no free port on loopback");
    snprintf(s->hosts, sizeof s->hosts, "127.0.0.1:%u", s->port);
    return (configured || configuration_write(s, config)) && spawn(s);
}

/* Sends a four-letter word. True if the answer contains `expected`. */
static bool answers(const struct rota_zkserver *s, const char *word, const char *expected)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    struct timeval bound = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    struct sockaddr_in address = loopback(s->port);
    char text[1024];
    size_t length = 0;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, word, strlen(word), MSG_NOSIGNAL) == (ssize_t)strlen(word)) {
        ssize_t got;
        while (length + 1 < sizeof text &&
               (got = recv(fd, text + length, sizeof text - 1 - length, 0)) > 0)
            length += (size_t)got;
    }
    text[length] = '\0';
    close(fd);
    return strstr(text, expected) != NULL;
}

/* Waits until the process has ended, at most that long, and reaps a child. */
static bool process_ended(pid_t pid, int timeout_ms)
{
    int fd = pidfd_open(pid, 0);

    if (fd < 0)
        return errno == ESRCH;
    struct pollfd end = {.fd = fd, .events = POLLIN};
    bool ended = poll(&end, 1, timeout_ms) == 1;
    close(fd);
    if (ended)
        waitpid(pid, NULL, WNOHANG);
    return ended;
}

bool rota_zkserver_wait(struct rota_zkserver *s)
{
    enum { BETWEEN_MS = 10 };
    int64_t until = now_ms() + READY_MS;

    while (!answers(s, "srvr", "Mode:")) {
        if (process_ended(s->pid, BETWEEN_MS)) {
            s->pid = 0;
            return fail(s, "the ZooKeeper server ended while it started; see %s/log", s->directory);
        }
        if (now_ms() > until)
            return fail(s, "the ZooKeeper server does not answer; see %s/log", s->directory);
    }
    return true;
}

bool rota_zkserver_leads(const struct rota_zkserver *s)
{
    return answers(s, "srvr", "Mode: leader");
}

bool rota_zkserver_start(struct rota_zkserver *s, const struct rota_zkserver_config *config)
{
    return rota_zkserver_launch(s, config) && rota_zkserver_wait(s);
}

/* Whether the process is a server of this directory, since a process id can be given again. */
static bool is_server(const struct rota_zkserver *s, pid_t pid)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return false;
    char configuration[PATH_SIZE];
    path_of(s, "zoo.cfg", configuration);
    char *argument = NULL;
    size_t size = 0;
    bool found = false;
    while (!found && getdelim(&argument, &size, '\0', f) >= 0)
        found = strcmp(argument, configuration) == 0;
    free(argument);
    fclose(f);
    return found;
}

bool rota_zkserver_find(struct rota_zkserver *s, const char *directory)
{
    *s = (struct rota_zkserver){.outlive = true};
    if (!directory_name(s, directory))
        return false;
    char path[PATH_SIZE];
    path_of(s, "pid", path);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return fail(s, "no server was started in %s", directory);
    char line[32] = "";
    bool read = fgets(line, sizeof line, f) != NULL;
    fclose(f);
    pid_t pid = (pid_t)strtol(line, NULL, 10);
    if (!read || pid <= 1 || !is_server(s, pid))
        return fail(s, "no server runs in %s", directory);
    s->pid = pid;
    s->port = configured_port(s);
    snprintf(s->hosts, sizeof s->hosts, "127.0.0.1:%u", s->port);
    return true;
}

bool rota_zkserver_kill(struct rota_zkserver *s)
{
    if (s->pid == 0)
        return true;
    if (kill(s->pid, SIGKILL) != 0 && errno != ESRCH)
        return fail(s, "cannot kill process %ld: %s", (long)s->pid, strerror(errno));
    if (!process_ended(s->pid, STOP_MS))
        return fail(s, "process %ld does not end", (long)s->pid);
    s->pid = 0;
    return true;
}

bool rota_zkserver_stop(struct rota_zkserver *s)
{
    if (s->pid != 0 && kill(s->pid, SIGTERM) == 0 && process_ended(s->pid, STOP_MS))
        s->pid = 0;
    return rota_zkserver_kill(s);
}

bool rota_zkserver_restart(struct rota_zkserver *s)
{
    return s->pid == 0 ? spawn(s) && rota_zkserver_wait(s) : fail(s, "the server still runs");
}

bool rota_zkserver_pause(struct rota_zkserver *s)
{
    int status = 0;

    if (kill(s->pid, SIGSTOP) != 0 || waitpid(s->pid, &status, WUNTRACED) != s->pid ||
        !WIFSTOPPED(status))
        return fail(s, "cannot pause process %ld", (long)s->pid);
    return true;
}

bool rota_zkserver_resume(struct rota_zkserver *s)
{
    return kill(s->pid, SIGCONT) == 0 || fail(s, "cannot resume process %ld", (long)s->pid);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void rota_zkserver_close(struct rota_zkserver *s)
{
    rota_zkserver_kill(s);
    if (s->temporary)
        nftw(s->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    *s = (struct rota_zkserver){0};
}
