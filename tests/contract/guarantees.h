/* The list of guarantees: number, test, abilities that the fixture must have, sentence.
 * docs/BACKEND.md has the same sentences under the same numbers; contract_document compares the
 * two. */
#ifndef ROTA_TESTS_CONTRACT_GUARANTEES_H
#define ROTA_TESTS_CONTRACT_GUARANTEES_H

#define GUARANTEE_MAP(X)                                                                           \
    X(1, answered_once, ABLE_NOTHING,                                                              \
      "Each request is answered exactly once while its handle lives.")                             \
    X(2, answered_in_order, ABLE_NOTHING,                                                          \
      "Replies come in the order in which the requests were sent.")                                \
    X(3, copied, ABLE_NOTHING,                                                                     \
      "Everything that a request points to is copied before the call returns.")                    \
    X(4, null_is_not_empty, ABLE_NOTHING,                                                          \
      "No data differs from empty data, and every byte comes back as it was written.")             \
    X(5, refusal_changes_nothing, ABLE_NOTHING,                                                    \
      "A refused request changes nothing, and its code says why.")                                 \
    X(6, multi_refused, ABLE_NOTHING,                                                              \
      "A refused multi applies nothing and names the failing operation.")                          \
    X(7, multi_applied, ABLE_NOTHING,                                                              \
      "A multi is applied as a whole, in order, in one transaction.")                              \
    X(8, multi_guarded, ABLE_NOTHING,                                                              \
      "A multi that would crash the client library is refused and has no effect.")                 \
    X(9, versions, ABLE_NOTHING,                                                                   \
      "A version counts the sets of one incarnation; a conditional write checks it.")              \
    X(10, sequence, ABLE_NOTHING,                                                                  \
      "A sequential name counts the creates under its parent, in ten digits.")                     \
    X(11, czxid_grows, ABLE_NOTHING,                                                               \
      "Of two creates the later has the higher czxid, which names an incarnation permanently.")    \
    X(12, children, ABLE_NOTHING, "A listing names every child once, in no order.")                \
    X(13, access, ABLE_NOTHING, "An access list is obeyed, and credentials are remembered.")       \
    X(14, too_large, ABLE_NOTHING,                                                                 \
      "A request above the limit ends as unknown, as may those around it; the session goes on.")   \
    X(15, watch_fires_once, ABLE_NOTHING,                                                          \
      "A watch fires once, with the kind of the change it was set for.")                           \
    X(16, watch_before_data, ABLE_NOTHING,                                                         \
      "A watch event is delivered before a read that shows the new data.")                         \
    X(17, own_watch_before_reply, ABLE_NOTHING,                                                    \
      "The events that a session's own write causes are delivered before its reply.")              \
    X(18, watch_of_failed_read, ABLE_NOTHING,                                                      \
      "A failed read sets no watch, but exists on a missing znode does.")                          \
    X(19, watch_once_a_path, ABLE_NOTHING,                                                         \
      "The same watch set twice causes one event, and a deletion causes one in all.")              \
    X(20, watch_no_session, ABLE_CUT, "A change of session is reported once and fires no watch.")  \
    X(21, watch_survives, ABLE_CUT,                                                                \
      "Watches survive a lost connection: events they missed come before any later reply.")        \
    X(22, first_event, ABLE_NOTHING,                                                               \
      "The first event of a handle names its session; a request sent before it is answered.")      \
    X(23, loss_announced, ABLE_FAULT,                                                              \
      "A lost connection is reported before the requests lost with it are answered.")              \
    X(24, session_resumed, ABLE_CUT,                                                               \
      "After a reconnection the session is the same, with its ephemerals.")                        \
    X(25, silence_is_loss, ABLE_SILENCE,                                                           \
      "A silent server counts as lost within the session timeout, and requests as unknown.")       \
    X(26, ephemeral_ends, ABLE_NOTHING,                                                            \
      "No ephemeral survives its session: a client that sees its end can rely on that.")           \
    X(27, dead_handle, ABLE_NOTHING,                                                               \
      "After the end of a session every valid request is answered with INVALID_STATE.")            \
    X(28, handle_number, ABLE_NOTHING, "Events carry the number of their handle, counted from 1.") \
    X(29, fresh_session, ABLE_NOTHING,                                                             \
      "A new handle begins a new session, in which no former watch fires.")                        \
    X(30, taken_over, ABLE_NOTHING,                                                                \
      "A handle can take a session over, with its ephemerals, and close it for both.")             \
    X(31, taken_over_late, ABLE_NOTHING, "Taking over a session that has ended reports EXPIRED.")  \
    X(32, closed, ABLE_NOTHING,                                                                    \
      "A close of a connected handle ends the session; the handle reports CLOSED once.")           \
    X(33, unreachable, ABLE_UNREACHABLE,                                                           \
      "A server list that cannot be used is reported as UNREACHABLE.")                             \
    X(34, pipeline, ABLE_NOTHING,                                                                  \
      "Requests of one session are executed in order: each sees the effects of the earlier.")      \
    X(35, never_back, ABLE_NOTHING,                                                                \
      "A session never reads data older than it has read or written.")                             \
    X(36, barrier, ABLE_NOTHING,                                                                   \
      "Reads after a sync see everything that was complete before the sync was sent.")             \
    X(37, unknown_is_either, ABLE_FAULT,                                                           \
      "An unknown request was applied or not; a read behind a barrier tells which.")               \
    X(38, late_before_next, ABLE_LATE,                                                             \
      "A late write is applied before its session's next write or never.")                         \
    X(39, late_never_after, ABLE_LATE,                                                             \
      "A late write is never applied after its session has moved or ended.")                       \
    X(40, clock, ABLE_NOTHING, "The clock never goes back, and random numbers differ.")            \
    X(41, wakes, ABLE_WAKE, "The owner is woken when its queue is no longer empty.")

#endif
