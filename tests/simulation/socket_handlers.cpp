#include "socket_handlers.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <saker/async/completion_source.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/websocket/group.hpp>
#include <saker/websocket/websocket.hpp>

#include "bodies.hpp"

namespace saker::simulation {
namespace {

constexpr std::size_t rooms = 3;

task<void> pause(random& choices, nanoseconds most) {
  auto wait = delay(std::chrono::nanoseconds(choices.between(0, most)));
  co_await wait;
}

/// A socket that several use: its handler, and threads that are no event loops.
struct shared_socket {
  websocket socket;
  ledger* book;
  int helpers = 0;
};

class socket_handlers : public std::enable_shared_from_this<socket_handlers> {
 public:
  explicit socket_handlers(world& in) : world_(in) {}

  task<void> serve(websocket socket, http_context& context) {
    const auto client = client_of(context);
    const std::string mode(context.request().route_value("mode"));  // None: late.
    auto& book = world_.books().of(client);
    auto choices = world_.random_for(20'000'000 + client);
    auto failed = false;
    try {
      auto work = run(mode, std::move(socket), book, choices);
      co_await work;
    } catch (const std::exception& error) {
      failed = true;
      if (world_.what().trace) {
        world_.note("the handler of socket " + std::to_string(client) + ": " + error.what());
      }
    }
    book.handler_failed = failed;
    book.handler_ended = true;
    book.handler_ended_at = world_.now();
  }

  /// Accepts after a while; the server may have been told to stop meanwhile.
  task<void> serve_late(http_context& context) {
    const auto client = client_of(context);
    auto choices = world_.random_for(30'000'000 + client);
    co_await pause(choices, choices.one_in(2) ? 8 * second : 20 * second);
    auto socket = co_await context.websockets().accept();
    world_.books().of(client).accepted_while_stopping = context.stopping().stop_requested();
    co_await serve(std::move(socket), context);
  }

 private:
  /// See `socket_target`.
  static std::size_t client_of(http_context& context) {
    const auto once = context.request().query("c");
    return once && once == context.request().query("again") ? to_number(*once) : ledgers::nobody;
  }

  task<void> run(const std::string& mode, websocket socket, ledger& book, random& choices) {
    if (mode == "busy") return echo(std::move(socket), book, choices, true);
    if (mode == "pieces") return echo_pieces(std::move(socket), book, choices);
    if (mode == "chatter") return chatter(std::move(socket), book, choices);
    if (mode == "moved") return move_away(std::move(socket), book, choices);
    if (mode == "room") return join_room(std::move(socket), book, choices);
    if (mode == "listening") return listen(std::move(socket), book, choices);
    if (mode == "asleep") return sleep(std::move(socket), choices);
    if (mode == "random") return act(std::move(socket), book, choices);
    return echo(std::move(socket), book, choices, false);
  }

  void take(ledger& book, std::string_view text) {
    if (!book.trusted) return;
    const auto wrong = book.handler_received.take(text);
    if (!wrong.empty()) world_.fail("a handler received " + wrong);
  }

  static void take_close(ledger& book, const websocket& socket) {
    book.handler_saw_close = true;
    if (const auto status = socket.close_status()) book.close_code_seen = static_cast<int>(*status);
  }

  task<void> echo(websocket socket, ledger& book, random& choices, bool busy, bool away = false) {
    auto pauses = busy ? choices.below(40) : 0;
    for (;;) {
      if (pauses > 0 && choices.one_in(2)) {
        --pauses;
        co_await pause(choices, 300 * millisecond);
      }
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      if (message.text() == "nothing") continue;
      take(book, message.text());
      co_await socket.send(message.bytes(), message.type());
    }
    take_close(book, socket);
    if (busy && choices.one_in(2)) co_await pause(choices, second);
    // Elsewhere than in its handler, what is let go is aborted.
    if (away || choices.one_in(2)) co_await socket.close(*socket.close_status());
  }

  task<void> echo_pieces(websocket socket, ledger& book, random& choices) {
    std::array<std::byte, 500> buffer;
    std::string whole;
    for (;;) {
      const auto room = 1 + choices.below(buffer.size());
      const auto got = co_await socket.receive(std::span(buffer).first(room));
      if (got.close_status) break;
      whole.append(reinterpret_cast<const char*>(buffer.data()), got.count);
      if (got.end_of_message) take(book, std::exchange(whole, {}));
      co_await socket.send(std::span(buffer).first(got.count), got.type, got.end_of_message);
    }
    take_close(book, socket);
    co_await socket.close(*socket.close_status());
  }

  bool promise(shared_socket& shared, char sender, std::size_t size) {
    const auto number = shared.book->accepted.of(sender);
    if (!shared.socket || !shared.socket.try_send(make_message(sender, number, size))) return false;
    shared.book->accepted.next(sender);
    return true;
  }

  /// A thread of the application that sends now and then.
  void help(const std::shared_ptr<shared_socket>& shared, char sender, random choices) {
    ++shared->helpers;
    auto left = std::make_shared<std::size_t>(1 + choices.below(20));
    auto own = std::make_shared<random>(choices);
    help_again(shared, sender, left, own);
  }
  void help_again(const std::shared_ptr<shared_socket>& shared, char sender,
                  const std::shared_ptr<std::size_t>& left, const std::shared_ptr<random>& own) {
    const auto wait = own->between(0, own->one_in(2) ? 100 * microsecond : 200 * millisecond);
    world_.elsewhere(wait, [this, self = shared_from_this(), shared, sender, left, own] {
      if (*left > 0) --*left;
      if (*left == 0 || !promise(*shared, sender, own->below(300))) {
        --shared->helpers;
        return;
      }
      help_again(shared, sender, left, own);
    });
  }

  /// Sends in every way at once, and closes in order.
  task<void> chatter(websocket socket, ledger& book, random& choices) {
    const auto shared = std::make_shared<shared_socket>();
    shared->socket = std::move(socket);
    shared->book = &book;
    const auto helpers = choices.below(4);
    for (std::size_t i = 0; i < helpers; ++i) {
      help(shared, static_cast<char>('h' + i), choices.fork(i));
    }
    const auto count = choices.below(30);
    for (std::size_t i = 0; i < count; ++i) {
      if (choices.one_in(4)) co_await pause(choices, 50 * millisecond);
      if (choices.one_in(2)) {
        if (!promise(*shared, 'b', choices.below(3000))) break;
        continue;
      }
      const auto text = make_message('b', book.accepted.of('b'), choices.below(3000));
      book.accepted.next('b');
      co_await shared->socket.send(text);
    }
    if (choices.one_in(2)) {
      world_.meanwhile([&] { promise(*shared, 'm', choices.below(300)); });
    }
    book.close_in_order();
    if (choices.one_in(3)) {
      // The end of the handler closes it.
      shared->socket = websocket();
      co_return;
    }
    if (choices.one_in(2)) {
      co_await shared->socket.close();
    } else {
      co_await shared->socket.close_output();
      while (true) {
        const auto message = co_await shared->socket.receive_message();
        if (message.is_close()) break;
        take(book, message.text());
      }
    }
    take_close(book, shared->socket);
  }

  /// The socket goes to another loop, which is the application's own.
  task<void> move_away(websocket socket, ledger& book, random& choices) {
    completion_source<> done;
    if (choices.one_in(2)) co_await pause(choices, 100 * millisecond);
    spawn(world_.background(), echo_away(std::move(socket), book, choices, done));
    co_await done;
  }
  task<void> echo_away(websocket socket, ledger& book, random choices, completion_source<> done) {
    try {
      auto work = echo(std::move(socket), book, choices, choices.one_in(2), true);
      co_await work;
      done.try_set_value();
    } catch (...) {
      done.try_set_exception(std::current_exception());
    }
  }

  websocket_group& room(random& choices) { return rooms_[choices.below(rooms)]; }

  /// Members of rooms: what is broadcast has no number of its own socket, so that it only must not
  /// be mixed up.
  task<void> join_room(websocket socket, ledger& book, random& choices) {
    auto& mine = room(choices);
    mine.add(socket);
    for (;;) {
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      take(book, message.text());
      if (choices.one_in(3)) mine.broadcast("!" + std::string(choices.below(500), 'g'));
      if (choices.one_in(8)) room(choices).add(socket);
      if (choices.one_in(8)) room(choices).remove(socket);
      if (choices.one_in(8)) {
        world_.elsewhere(choices.between(0, 50 * millisecond),
                         [self = shared_from_this(), &mine] { mine.broadcast("!elsewhere"); });
      }
      co_await socket.send(message.bytes(), message.type());
    }
    take_close(book, socket);
  }

  /// Only receives, so that the end of the client stops it at nothing.
  task<void> listen(websocket socket, ledger& book, random& choices) {
    auto pauses = choices.below(40);
    for (;;) {
      if (pauses > 0 && choices.one_in(2)) {
        --pauses;
        co_await pause(choices, 300 * millisecond);
      }
      const auto message = co_await socket.receive_message();
      if (message.is_close()) break;
      take(book, message.text());
    }
    take_close(book, socket);
  }

  /// Takes nothing of what comes.
  static task<void> sleep(websocket socket, random& choices) {
    co_await pause(choices, 20 * second);
    socket.abort();
  }

  /// Whatever a coroutine may do, when it has been resumed.
  task<void> act(websocket socket, ledger& book, random& choices) {
    const auto shared = std::make_shared<shared_socket>();
    shared->socket = std::move(socket);
    shared->book = &book;
    const auto others = choices.below(3);
    for (std::size_t i = 0; i < others; ++i) {
      spawn(shared->socket.loop(), act_beside(shared, choices.fork(50 + i)));
    }
    co_await act_for(*shared, choices);
  }
  task<void> act_beside(std::shared_ptr<shared_socket> shared, random choices) {
    try {
      co_await act_for(*shared, choices);
    } catch (const std::exception&) {
      // What a call finds is its own affair.
    }
  }
  task<void> act_for(shared_socket& on, random& choices) {
    const auto acts = choices.below(12);
    for (std::size_t i = 0; i < acts && on.socket; ++i) {
      try {
        co_await one_act(on, choices);
        check_resumed();
      } catch (const std::exception&) {
        check_resumed();
        if (choices.one_in(2)) throw;
      }
    }
  }
  /// Whoever waits is resumed when the caller has gone on.
  template <class Function>
  void call(Function&& function) {
    is_calling_ = true;
    function();
    is_calling_ = false;
  }
  void check_resumed() {
    if (is_calling_) world_.fail("a coroutine was resumed in the middle of another one's call");
  }
  task<void> one_act(shared_socket& on, random& choices) {
    auto& socket = on.socket;
    switch (choices.below(14)) {
      case 0:
      case 1: {
        const std::size_t most = choices.one_in(4) ? 200'000 : 20'000;
        const std::string text = "!" + std::string(choices.below(most), 's');
        co_await socket.send(text);
        break;
      }
      case 2: call([&] { socket.try_send("!" + std::string(choices.below(5000), 't')); }); break;
      case 3:
      case 4:
      case 5: {
        const auto message = co_await socket.receive_message();
        break;
      }
      case 6: co_await pause(choices, 800 * millisecond); break;
      case 7: co_await socket.close(); break;
      case 8: co_await socket.close_output(); break;
      case 9: call([&] { socket.abort(); }); break;
      case 10: room(choices).add(socket); break;
      case 11: call([&] { room(choices).broadcast("!act"); }); break;
      case 12:
        if (choices.one_in(2)) on.socket = websocket();
        break;
      default:
        if (choices.one_in(3)) throw std::runtime_error("as it is meant to be");
        break;
    }
  }

  world& world_;
  std::array<websocket_group, rooms> rooms_;
  bool is_calling_ = false;
};

}  // namespace

void map_sockets(web_application& application, world& in) {
  const auto handlers = std::make_shared<socket_handlers>(in);
  application.map("/ws/late",
                  [handlers](http_context& context) { return handlers->serve_late(context); });
  application.map_websocket("/ws/{mode}", [handlers](websocket socket, http_context& context) {
    return handlers->serve(std::move(socket), context);
  });
}

}  // namespace saker::simulation
