/* zkCli as a machine: transcripts over the embedded tree (zkcli/), and the effects of a server.
 *
 * In a transcript `NAME> COMMAND` types a command into that session, and the lines after it are its
 * output; `NAME<` is the output since then. `= old` in front selects the output of 3.4. In commands
 * `<tab>` and `<space>` stand for these characters, in expected lines `<any>` matches anything.
 * Empty lines, lists of commands and changes of the session are left out. `test_zkcli --write FILE`
 * prints the corrected transcript. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "backend_sim/embedded.h"
#include "harness/zkcli/zkcli.h"
#include "harness/zkcli/zkline.h"
#include "harness/zkcli/zktext.h"

enum { SESSIONS = 8, NAME_SIZE = 16 };

/* ---- sessions over one tree ---- */

struct session {
    char name[NAME_SIZE];
    struct rota_backend *backend;
    struct rota_zkcli *zkcli;
};

struct stage {
    struct rota_embedded_tree *tree;
    struct session sessions[SESSIONS];
    uint32_t count;
    bool old;
};

/* Delivers events to all sessions until there are none. */
static void settle(struct stage *s)
{
    bool heard = true;

    while (heard) {
        heard = false;
        for (uint32_t i = 0; i < s->count; i++) {
            struct rota_handle_event event;
            struct rota_backend *b = s->sessions[i].backend;

            while (b->ops->next(b, &event)) {
                rota_zkcli_handle_event(s->sessions[i].zkcli, &event);
                heard = true;
            }
        }
    }
}

static struct rota_zkcli *session(struct stage *s, const char *name, size_t length)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strlen(s->sessions[i].name) == length && memcmp(s->sessions[i].name, name, length) == 0)
            return s->sessions[i].zkcli;
    assert_true(s->count < SESSIONS && length < NAME_SIZE);
    struct session *new = &s->sessions[s->count++];
    memcpy(new->name, name, length);
    new->backend = rota_embedded_open(s->tree, 10000, NULL, NULL);
    new->zkcli = rota_zkcli_open(
        &(struct rota_zkcli_config){.backend = new->backend, .name = new->name, .old = s->old});
    settle(s);
    return new->zkcli;
}

static void stage_open(struct stage *s)
{
    *s = (struct stage){.tree = rota_embedded_tree_open(0)};
}

static void stage_close(struct stage *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        rota_zkcli_close(s->sessions[i].zkcli);
        s->sessions[i].backend->ops->destroy(s->sessions[i].backend);
    }
    rota_embedded_tree_close(s->tree);
}

static void type_in(struct stage *s, struct rota_zkcli *z, const char *line, size_t length)
{
    rota_zkcli_command(z, line, length);
    settle(s);
    assert_false(rota_zkcli_busy(z));
}

/* The same with what a transcript cannot show. */
static void type_shown(struct stage *s, struct rota_zkcli *z, const char *line, size_t length)
{
    static const struct {
        const char *shown;
        char meant;
    } signs[] = {{"<tab>", '\t'}, {"<space>", ' '}};
    struct rota_zktext text = {0};

    for (size_t i = 0; i < length; i++) {
        char meant = line[i];

        for (size_t k = 0; k < 2; k++)
            if (strncmp(line + i, signs[k].shown, strlen(signs[k].shown)) == 0) {
                meant = signs[k].meant;
                i += strlen(signs[k].shown) - 1;
                break;
            }
        rota_zktext_add(&text, &meant, 1);
    }
    type_in(s, z, text.data, text.length);
    rota_zktext_close(&text);
}

/* ---- transcripts ---- */

/* Takes the next line of the text, false at the end. */
static bool next_line(const char **text, const char **line, size_t *length)
{
    if (**text == '\0')
        return false;
    *line = *text;
    *length = strcspn(*text, "\n");
    *text += *length + ((*text)[*length] == '\n' ? 1 : 0);
    return true;
}

/* The length of the session's name if the line speaks to one, else 0. */
static size_t name_length(const char *line, size_t length)
{
    size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789");
    bool speaks =
        name > 0 && name < length &&
        ((line[name] == '>' && line[name + 1] == ' ') || (line[name] == '<' && length == name + 1));

    return speaks ? name : 0;
}

static bool is_remark(const char *line)
{
    return line[0] == '#' || line[0] == '=';
}

/* Lines that are not compared. */
static bool is_skipped(const char *line, size_t length)
{
    return length == 0 || line[0] == '\t';
}

static bool matches(const char *pattern, size_t pattern_length, const char *line, size_t length)
{
    static const char any[] = "<any>";
    size_t same = 0;

    while (same < pattern_length && same < length && pattern[same] == line[same] &&
           strncmp(pattern + same, any, strlen(any)) != 0)
        same++;
    if (same == pattern_length)
        return same == length;
    if (strncmp(pattern + same, any, strlen(any)) != 0)
        return false;
    size_t next = same + strlen(any);
    for (size_t i = same; i <= length; i++)
        if (matches(pattern + next, pattern_length - next, line + i, length - i))
            return true;
    return false;
}

/* Compares the output with what follows in the transcript. */
static void compare(const char *file, const char **transcript, const char *command,
                    const char *printed)
{
    const char *line;
    size_t length;

    while (next_line(&printed, &line, &length)) {
        const char *expected = "";
        size_t width = 0;
        const char *ahead = *transcript;

        if (is_skipped(line, length))
            continue;
        do
            *transcript = ahead;
        while (next_line(&ahead, &expected, &width) && is_skipped(expected, width));
        if (is_remark(expected) || name_length(expected, width) > 0 ||
            !matches(expected, width, line, length))
            fail_msg("%s: %.*s\n  expected: %.*s\n  printed:  %.*s", file,
                     (int)strcspn(command, "\n"), command, (int)width, expected, (int)length, line);
        *transcript = ahead;
    }
}

static void play_line(struct stage *s, const char *file, const char *line, size_t length,
                      const char **transcript)
{
    size_t name = name_length(line, length);
    size_t printed;

    if (strncmp(line, "= old", 5) == 0)
        s->old = true;
    if (is_remark(line) || is_skipped(line, length))
        return;
    if (name == 0)
        fail_msg("%s: this is not printed: %.*s", file, (int)length, line);
    struct rota_zkcli *z = session(s, line, name);
    if (line[name] == '>') {
        if (*rota_zkcli_text(z, &printed) != '\0')
            fail_msg("%s: before %.*s there was: %s", file, (int)length, line,
                     rota_zkcli_text(z, &printed));
        type_shown(s, z, line + name + 2, length - name - 2);
    }
    compare(file, transcript, line, rota_zkcli_text(z, &printed));
    rota_zkcli_forget_text(z);
}

static void play(const char *file, const char *transcript)
{
    struct stage s;
    const char *line;
    size_t length;
    size_t printed;

    stage_open(&s);
    while (next_line(&transcript, &line, &length))
        play_line(&s, file, line, length, &transcript);
    for (uint32_t i = 0; i < s.count; i++)
        if (*rota_zkcli_text(s.sessions[i].zkcli, &printed) != '\0')
            fail_msg("%s: at the end %s has printed: %s", file, s.sessions[i].name,
                     rota_zkcli_text(s.sessions[i].zkcli, &printed));
    stage_close(&s);
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    struct rota_zktext text = {0};
    char chunk[4096];
    size_t got;

    if (f == NULL)
        fail_msg("there is no %s", path);
    while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
        rota_zktext_add(&text, chunk, got);
    fclose(f);
    return text.data;
}

static void transcript_is_played(void **state)
{
    const char *name = *state;
    char path[512];

    snprintf(path, sizeof path, ROTA_TRANSCRIPTS "/%s", name);
    char *transcript = read_file(path);
    play(name, transcript);
    free(transcript);
}

/* Values that differ between runs are written as patterns. */
static void write_line(const char *line, size_t length)
{
    static const char *const marks[] = {"ctime = ", "mtime = ", "ephemeralOwner = 0x"};

    for (size_t i = 0; i < 3; i++) {
        size_t mark = strlen(marks[i]);

        if (length > mark + 1 && strncmp(line, marks[i], mark) == 0) {
            printf("%s<any>\n", marks[i]);
            return;
        }
    }
    printf("%.*s\n", (int)length, line);
}

static int write_transcript(const char *path)
{
    struct stage s;
    const char *line;
    size_t length;
    size_t size;
    char *transcript = read_file(path);
    const char *rest = transcript;

    stage_open(&s);
    while (next_line(&rest, &line, &length)) {
        size_t name = name_length(line, length);

        if (strncmp(line, "= old", 5) == 0)
            s.old = true;
        if (name == 0 && !is_remark(line))
            continue;
        printf("%.*s\n", (int)length, line);
        if (name == 0)
            continue;
        struct rota_zkcli *z = session(&s, line, name);
        if (line[name] == '>')
            type_shown(&s, z, line + name + 2, length - name - 2);
        const char *printed = rota_zkcli_text(z, &size);
        while (next_line(&printed, &line, &length))
            if (!is_skipped(line, length))
                write_line(line, length);
        rota_zkcli_forget_text(z);
    }
    stage_close(&s);
    free(transcript);
    return 0;
}

/* ---- letter by letter ---- */

static void expect_text(struct rota_zkcli *z, const char *expected)
{
    size_t length;

    assert_string_equal(rota_zkcli_text(z, &length), expected);
    assert_int_equal(length, strlen(expected));
    rota_zkcli_forget_text(z);
}

static void output_is_exact(void **state)
{
    struct stage s;
    char prompt[64];

    (void)state;
    stage_open(&s);
    struct rota_zkcli *z = session(&s, "z1", 2);
    rota_zkcli_prompt(z, prompt, sizeof prompt);
    assert_string_equal(prompt, "[zk: z1(CONNECTED) 0] ");
    type_in(&s, z, "ls -w /", 7);
    expect_text(z, "[zookeeper]\n");
    type_in(&s, z, "create /a", 9);
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:SyncConnected "
                   "type:NodeChildrenChanged path:/\nCreated /a\n");
    assert_false(rota_zkcli_failed(z));
    type_in(&s, z, "create /a", 9);
    assert_true(rota_zkcli_failed(z));
    type_in(&s, z, "   ", 3);
    type_in(&s, z, "\"", 1);
    rota_zkcli_prompt(z, prompt, sizeof prompt);
    assert_string_equal(prompt, "[zk: z1(CONNECTED) 3] ");
    type_in(&s, z, "quit", 4);
    assert_true(rota_zkcli_quit(z) && rota_zkcli_failed(z));
    rota_zkcli_prompt(z, prompt, sizeof prompt);
    assert_string_equal(prompt, "[zk: z1(CLOSED) 4] ");
    stage_close(&s);
}

static void nul_byte_is_refused(void **state)
{
    static const char expected[] =
        "Invalid path string \"/a\0b\" caused by null character not allowed @2\n";
    struct stage s;
    size_t length;

    (void)state;
    stage_open(&s);
    struct rota_zkcli *z = session(&s, "z1", 2);
    type_in(&s, z, "create /a\0b", 11);
    const char *printed = rota_zkcli_text(z, &length);
    assert_int_equal(length, sizeof expected - 1);
    assert_memory_equal(printed, expected, length);
    stage_close(&s);
}

static void long_names_are_printed(void **state)
{
    struct stage s;
    struct rota_zktext line = {0};
    size_t length;

    (void)state;
    stage_open(&s);
    struct rota_zkcli *z = session(&s, "z1", 2);
    rota_zktext_print(&line, "create /%0*d x", 2000, 0);
    type_in(&s, z, line.data, line.length);
    assert_int_equal(strncmp(rota_zkcli_text(z, &length), "Created /000", 12), 0);
    assert_int_equal(length, strlen("Created /\n") + 2000);
    rota_zkcli_forget_text(z);
    line.length = 0;
    rota_zktext_print(&line, "create /large %0*d", 1100000, 0);
    type_in(&s, z, line.data, line.length);
    expect_text(z, "KeeperErrorCode = ConnectionLoss for /large\n");
    type_in(&s, z, "ls /large", 9);
    expect_text(z, "Node does not exist: /large\n");
    rota_zktext_close(&line);
    stage_close(&s);
}

static void data_is_printed_as_java_does(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    struct rota_zkcli *z = session(&s, "z1", 2);
    type_in(&s, z, "create /a \xff\xe2\x82z\xf0\x9f\x98\x80", 18);
    rota_zkcli_forget_text(z);
    type_in(&s, z, "get /a", 6);
    expect_text(z, "\xef\xbf\xbd\xef\xbf\xbdz\xf0\x9f\x98\x80\n");
    type_in(&s, z, "delete -v x /a", 14);
    expect_text(z, "-v argument must be an int value\n");
    type_in(&s, z, "whoami", 6);
    expect_text(z, "whoami is a command of zkCli that is not offered here\n");
    assert_true(rota_zkcli_failed(z));
    stage_close(&s);
}

/* ---- completion ---- */

static void expect_completion(struct stage *s, struct rota_zkcli *z, const char *line,
                              size_t expected_from, const char *expected)
{
    struct rota_zktext text = {0};
    uint32_t count;
    size_t from;

    rota_zktext_print(&text, "%s", "");
    rota_zkcli_complete(z, line, strlen(line));
    settle(s);
    assert_false(rota_zkcli_busy(z));
    const char *const *candidates = rota_zkcli_candidates(z, &count, &from);
    for (uint32_t i = 0; i < count; i++)
        rota_zktext_print(&text, "%s%s", i > 0 ? " " : "", candidates[i]);
    assert_string_equal(text.data, expected);
    assert_int_equal(from, expected_from);
    rota_zktext_close(&text);
}

static void words_and_paths_are_completed(void **state)
{
    struct stage s;

    (void)state;
    stage_open(&s);
    struct rota_zkcli *z = session(&s, "z1", 2);
    type_in(&s, z, "create /workers", 15);
    type_in(&s, z, "create /workers/w2", 18);
    type_in(&s, z, "create /workers/w1", 18);
    type_in(&s, z, "create /works", 13);
    rota_zkcli_forget_text(z);
    expect_completion(&s, z, "de", 0, "delete deleteall");
    expect_completion(&s, z, "he", 0, "help");
    expect_completion(&s, z, "x", 0, "");
    expect_completion(&s, z, "ls ", 3, "");
    expect_completion(&s, z, "ls d", 3, "");
    expect_completion(&s, z, "ls /", 4, "workers works zookeeper");
    expect_completion(&s, z, "ls /wor", 4, "workers works");
    expect_completion(&s, z, "ls -w /workers/", 15, "w1 w2");
    expect_completion(&s, z, "ls /nothing/x", 12, "");
    expect_completion(&s, z, "ls //x", 5, "");
    expect_text(z, "");
    type_in(&s, z, "close", 5);
    expect_completion(&s, z, "ls /", 4, "");
    stage_close(&s);
}

/* ---- a server controlled by the test ---- */

struct fake {
    struct rota_backend head;
    uint32_t handle;
    uint32_t requests;
    uint64_t tag;
    enum rota_op op;
};

static uint32_t fake_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct fake *f = (struct fake *)b;

    assert_null(take_over);
    return ++f->handle;
}

static void fake_request(struct rota_backend *b, const struct rota_request *request)
{
    struct fake *f = (struct fake *)b;

    f->requests++;
    f->tag = request->tag;
    f->op = request->operation.op;
}

static const struct rota_backend_ops fake_ops = {.open = fake_open, .request = fake_request};

static void tell_session(struct rota_zkcli *z, uint32_t handle, enum rota_session_state state)
{
    rota_zkcli_handle_event(z, &(struct rota_handle_event){.kind = ROTA_HANDLE_SESSION,
                                                           .handle = handle,
                                                           .session = {.state = state}});
}

static void tell_reply(struct rota_zkcli *z, uint32_t handle, uint64_t tag, int32_t rc)
{
    rota_zkcli_handle_event(z, &(struct rota_handle_event){.kind = ROTA_HANDLE_REPLY,
                                                           .handle = handle,
                                                           .reply = {.tag = tag, .rc = rc}});
}

static struct rota_zkcli *fake_session(struct fake *f, bool session_events)
{
    *f = (struct fake){.head = {&fake_ops}};
    struct rota_zkcli *z = rota_zkcli_open(&(struct rota_zkcli_config){
        .backend = &f->head, .name = "fake", .session_events = session_events});
    assert_false(rota_zkcli_connected(z) || rota_zkcli_ended(z));
    tell_session(z, 1, ROTA_SESSION_CONNECTED);
    assert_true(rota_zkcli_connected(z));
    return z;
}

static void unknown_outcomes_are_printed(void **state)
{
    static const int32_t codes[] = {ROTA_ERR_CONNECTION_LOSS, ROTA_ERR_OPERATION_TIMEOUT,
                                    ROTA_ERR_CLOSING};
    struct fake f;
    struct rota_zkcli *z = fake_session(&f, false);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        rota_zkcli_command(z, "set /a x", 8);
        assert_true(rota_zkcli_busy(z));
        tell_session(z, 1, ROTA_SESSION_DISCONNECTED);
        tell_reply(z, 1, f.tag - 1, 0); /* of an earlier request */
        assert_true(rota_zkcli_busy(z));
        tell_reply(z, 1, f.tag, codes[i]);
        assert_false(rota_zkcli_busy(z));
        expect_text(z, "KeeperErrorCode = ConnectionLoss for /a\n");
        tell_session(z, 1, ROTA_SESSION_CONNECTED);
    }
    rota_zkcli_close(z);
}

/* The end of the handle finishes the running command. */
static void expired_session_is_reported(void **state)
{
    struct fake f;
    struct rota_zkcli *z = fake_session(&f, false);

    (void)state;
    rota_zkcli_command(z, "ls /", 4);
    tell_session(z, 1, ROTA_SESSION_EXPIRED);
    assert_false(rota_zkcli_busy(z));
    assert_true(rota_zkcli_failed(z) && rota_zkcli_ended(z));
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:Expired type:None path:null\n"
                   "KeeperErrorCode = Session expired for /\n");
    tell_reply(z, 1, f.tag, 0);
    rota_zkcli_command(z, "ls /", 4);
    expect_text(z, "Not connected\n");
    assert_int_equal(f.requests, 1);
    rota_zkcli_command(z, "connect", 7);
    assert_int_equal(f.handle, 2);
    tell_session(z, 1, ROTA_SESSION_CONNECTED); /* of the handle before */
    assert_false(rota_zkcli_connected(z));
    tell_session(z, 2, ROTA_SESSION_CONNECTED);
    assert_true(rota_zkcli_connected(z));
    expect_text(z, "");
    rota_zkcli_close(z);
}

static void credentials_refused(void **state)
{
    struct fake f;
    struct rota_zkcli *z = fake_session(&f, true);

    (void)state;
    rota_zkcli_forget_text(z);
    rota_zkcli_command(z, "addauth digest x:y", 18);
    assert_int_equal(f.op, ROTA_OP_ADD_AUTH);
    tell_reply(z, 1, f.tag, ROTA_ERR_AUTH_FAILED);
    assert_true(rota_zkcli_busy(z));
    tell_session(z, 1, ROTA_SESSION_AUTH_FAILED);
    assert_false(rota_zkcli_busy(z));
    assert_true(rota_zkcli_failed(z));
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:AuthFailed type:None path:null\n");
    rota_zkcli_close(z);
}

static void session_events_are_printed(void **state)
{
    struct fake f;
    struct rota_zkcli *z = fake_session(&f, true);

    (void)state;
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n");
    tell_session(z, 1, ROTA_SESSION_DISCONNECTED);
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:Disconnected type:None path:null\n");
    rota_zkcli_command(z, "connect other:1", 15);
    assert_int_equal(f.op, ROTA_OP_CLOSE);
    assert_true(rota_zkcli_busy(z));
    tell_session(z, 1, ROTA_SESSION_CLOSED);
    assert_false(rota_zkcli_busy(z));
    assert_int_equal(f.handle, 2);
    expect_text(z, "\nWATCHER::\n\nWatchedEvent state:Closed type:None path:null\n");
    rota_zkcli_close(z);
}

static struct rota_backend *refuse_connect(void *context, const char *hosts)
{
    char *copy = context;

    snprintf(copy, 32, "%s", hosts);
    return NULL;
}

static void drop_text(void *context, enum rota_zkcli_stream stream, const char *text, size_t length)
{
    (void)context;
    (void)stream;
    (void)text;
    (void)length;
}

static void connect_can_be_refused(void **state)
{
    struct fake f = {.head = {&fake_ops}};
    char hosts[32] = "";
    struct rota_zkcli *z = rota_zkcli_open(&(struct rota_zkcli_config){.backend = &f.head,
                                                                       .name = "fake",
                                                                       .print = drop_text,
                                                                       .connect = refuse_connect,
                                                                       .context = hosts});

    (void)state;
    tell_session(z, 1, ROTA_SESSION_CONNECTED);
    rota_zkcli_command(z, "connect other:1", 15);
    tell_session(z, 1, ROTA_SESSION_CLOSED);
    assert_string_equal(hosts, "other:1");
    assert_true(rota_zkcli_ended(z) && rota_zkcli_failed(z) && !rota_zkcli_busy(z));
    assert_int_equal(f.handle, 1);
    rota_zkcli_close(z);
}

int main(int argc, char **argv)
{
#define TRANSCRIPT(name)                                                                           \
    {                                                                                              \
        name, transcript_is_played, NULL, NULL, (void *)(uintptr_t)name                            \
    }
    const struct CMUnitTest tests[] = {
        TRANSCRIPT("answers.txt"),
        TRANSCRIPT("errors.txt"),
        TRANSCRIPT("words.txt"),
        TRANSCRIPT("watches.txt"),
        TRANSCRIPT("seed-lock.txt"),
        TRANSCRIPT("seed-walk.txt"),
        TRANSCRIPT("seed-master-worker.txt"),
        cmocka_unit_test(output_is_exact),
        cmocka_unit_test(nul_byte_is_refused),
        cmocka_unit_test(long_names_are_printed),
        cmocka_unit_test(data_is_printed_as_java_does),
        cmocka_unit_test(words_and_paths_are_completed),
        cmocka_unit_test(unknown_outcomes_are_printed),
        cmocka_unit_test(expired_session_is_reported),
        cmocka_unit_test(credentials_refused),
        cmocka_unit_test(session_events_are_printed),
        cmocka_unit_test(connect_can_be_refused),
    };
    setenv("TZ", "UTC", 1);
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_transcript(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
