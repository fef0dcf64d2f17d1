// The tables of docs/websockets.md, cell by cell: the expectation of each test is the text there.

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/ws_client.hpp"
#include "websocket/one_handler.hpp"

namespace saker::testing {
namespace {

using namespace std::chrono_literals;

struct cell {
  std::string row;
  std::string column;
  std::string text;
};

void PrintTo(const cell& each, std::ostream* out) {
  *out << each.row << " / " << each.column << ": " << each.text;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" `");
  const auto end = text.find_last_not_of(" ");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1; begin < line.size();) {
    const auto end = std::min(line.find('|', begin), line.size());
    auto text = trimmed(line.substr(begin, end - begin));
    std::erase(text, '`');
    cells.push_back(text);
    begin = end + 1;
  }
  return cells;
}

/// The cells of the table with that first heading.
std::vector<cell> read_table(const std::string& first_heading) {
  std::ifstream document(SAKER_WEBSOCKETS_DOCUMENT);
  std::vector<cell> result;
  std::vector<std::string> columns;
  for (std::string line; std::getline(document, line);) {
    if (columns.empty()) {
      if (line.starts_with("| " + first_heading + " |")) columns = cells_of(line);
    } else if (!line.starts_with("|")) {
      break;
    } else if (!line.starts_with("| ---")) {
      const auto cells = cells_of(line);
      for (std::size_t i = 1; i < columns.size(); ++i) {
        result.push_back({cells.at(0), columns[i], cells.at(i)});
      }
    }
  }
  return result;
}

std::string name_of(const ::testing::TestParamInfo<cell>& info) {
  std::string name = info.param.row + "_" + info.param.column;
  for (auto& each : name) {
    if (!std::isalnum(static_cast<unsigned char>(each))) each = '_';
  }
  return name;
}

/// What an exception says, in the words of the tables.
std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const websocket_error& error) {
    switch (error.error()) {
      case websocket_errc::invalid_state: return "invalid_state";
      case websocket_errc::faulted: return "faulted";
      case websocket_errc::connection_closed_prematurely: return "connection_closed_prematurely";
      default: return error.what();
    }
  } catch (const std::system_error& error) {
    return error.code() == std::errc::operation_canceled ? "operation_canceled" : error.what();
  } catch (const std::logic_error&) {
    return "logic_error";
  } catch (const std::exception& error) {
    return error.what();
  }
}

task<std::string> text_of(std::function<task<std::string>()> operation) {
  std::string text;
  try {
    text = co_await operation();
  } catch (...) {
    text = describe(std::current_exception());
  }
  co_return text;
}

task<std::string> receive(websocket& socket) {
  const auto message = co_await socket.receive_message();
  co_return message.is_close() ? "the Close" : "data";
}

task<std::string> close(websocket& socket) {
  co_await socket.close();
  co_return socket.state() == websocket_state::closed ? "closed" : "not closed";
}

// Calls and states.

const std::map<std::string, websocket_state> states = {
    {"open", websocket_state::open},
    {"close_sent", websocket_state::close_sent},
    {"close_received", websocket_state::close_received},
    {"closed", websocket_state::closed},
    {"aborted", websocket_state::aborted},
    {"lost", websocket_state::aborted}};

/// An abort in the turn of the handshake would take its answer back.
task<void> greet(websocket& socket) {
  co_await socket.receive_message();
  co_await socket.send("ready");
  co_await socket.receive_message();
}

/// The client's side of it.
ws_client greeted(std::uint16_t port) {
  ws_client client(port);
  client.send({.opcode = 1, .payload = "go"});
  EXPECT_EQ(client.read_frame().payload, "ready");
  client.send({.opcode = 1, .payload = "go on"});
  return client;
}

task<void> reach(websocket& socket, const std::string& state) {
  if (state == "close_sent") {
    co_await socket.close_output();
    co_await socket.receive_message();  // Sent when the peer had seen it.
  }
  if (state == "close_received" || state == "closed") {
    const auto message = co_await socket.receive_message();
    EXPECT_TRUE(message.is_close());
  }
  if (state == "closed") co_await socket.close();
  if (state == "aborted") socket.abort();
  if (state == "lost") co_await failure_of([&] { return socket.receive_message(); });
  EXPECT_EQ(socket.state(), states.at(state));
}

task<std::string> call(websocket& socket, std::string name) {
  if (name == "send") {
    co_await socket.send("x");
    co_return "sent";
  }
  if (name == "try_send") co_return socket.try_send("x") ? "true" : "false";
  if (name == "receive") {
    std::array<std::byte, 100> buffer;
    const auto received = co_await socket.receive(buffer);
    co_return received.close_status ? "the Close" : "data";
  }
  if (name == "receive_message") co_return co_await receive(socket);
  if (name == "close") co_return co_await close(socket);
  if (name == "close_output") {
    co_await socket.close_output();
    co_return socket.state() == websocket_state::close_sent ? "close_sent" : "closed";
  }
  if (name == "abort") socket.abort();
  if (name == "handle destroyed") socket = websocket();
  co_return "";
}

class websocket_calls : public ::testing::TestWithParam<cell> {
 protected:
  task<void> serve(websocket socket) {
    const auto& [row, state, expected] = GetParam();
    co_await greet(socket);
    co_await reach(socket, state);
    auto& chosen = row;
    const auto text = co_await text_of([&] { return call(socket, chosen); });
    result_.set_value(text);
    if (row == "handler throws") throw std::runtime_error("as the test wants it");
    // Without its handle the handler itself still runs.
    if (row == "handle destroyed") co_await finish_;
  }

  /// What the client does to bring the server there.
  void lead_to(const std::string& state) {
    if (state == "close_received" || state == "closed") {
      client_.send({.opcode = 8, .payload = close_payload(1000)});
    }
    if (state == "lost") client_.raw().reset();
    if (state == "close_sent" || state == "closed") {
      EXPECT_EQ(client_.read_frame().payload, close_payload(1000));
    }
    if (state == "close_sent") client_.send({.opcode = 1, .payload = "seen"});
  }

  /// What the peer sees from now on.
  std::string rest(const std::string& state) {
    if (state == "lost") return "nothing";
    if (state == "closed") {
      EXPECT_EQ(client_.raw().read_to_eof(), "");
      return "nothing";
    }
    // A waiting server gets its answer.
    if (state == "close_sent") client_.raw().try_send_all(close_frame());
    const auto bytes = client_.raw().read_to_eof();
    if (bytes.empty()) return state == "aborted" ? "nothing" : "the end";
    if (bytes == std::string("\x88\x02") + close_payload(1000)) return "Close 1000";
    if (bytes == std::string("\x88\x02") + close_payload(1011)) return "Close 1011";
    return "something else";
  }

  static std::string close_frame() {
    return client_frame{.opcode = 8, .payload = close_payload(1000)}.bytes();
  }

  std::promise<std::string> result_;
  completion_source<> finish_;
  test_server server_{[this](web_application& app) {
    websocket_options options;
    options.close_timeout = 500ms;
    app.use_websockets(options);
    app.map_websocket("/ws", [this](websocket socket) { return serve(std::move(socket)); });
  }};
  ws_client client_{greeted(server_.port())};
};

TEST_P(websocket_calls, do_what_the_table_says) {
  const auto& [row, state, expected] = GetParam();
  lead_to(state);
  const bool receives = row.starts_with("receive");
  if (receives && (state == "open" || state == "close_sent")) {
    client_.send({.opcode = 1, .payload = "x"});
  }
  if (row == "close" && (state == "open" || state == "close_sent")) {
    if (state == "open") {
      EXPECT_EQ(client_.read_frame().payload, close_payload(1000));
    }
    client_.send({.opcode = 8, .payload = close_payload(1000)});
  }
  auto result = result_.get_future();
  ASSERT_EQ(result.wait_for(patience), std::future_status::ready);
  auto text = result.get();
  if (text.empty()) text = rest(state);
  finish_.set_value();
  EXPECT_EQ(text, expected);
  client_.raw().close();  // The server need not wait for it.
}

INSTANTIATE_TEST_SUITE_P(table, websocket_calls, ::testing::ValuesIn(read_table("call in state")),
                         name_of);

// Pending operations.

websocket_options limits_of(const cell& each) {
  websocket_options options;
  options.close_timeout = 5s;
  if (each.row != "its time limit") return options;
  if (each.column == "a receive") options.keep_alive_interval = options.keep_alive_timeout = 300ms;
  if (each.column == "a send") options.send_timeout = 100ms;
  if (each.column == "a close") options.close_timeout = 100ms;
  return options;
}

class websocket_pending : public ::testing::TestWithParam<cell> {
 protected:
  task<void> serve(websocket accepted) {
    const auto& [row, column, expected] = GetParam();
    co_await greet(accepted);
    auto& loop = accepted.loop();
    auto socket = std::make_unique<websocket>(std::move(accepted));
    // The peer takes this only when the test reads.
    const std::string block(column == "a send" ? 30'000'000 : 1, 'x');
    if (column == "a send") spawn(loop, send_block(*socket, block));
    spawn(loop, operate(*socket, column));
    completion_source<> begun;
    loop.post([&begun] { begun.set_value(); });
    co_await begun;
    pending_.set_value();
    co_await meanwhile(socket, row, column);
    co_await finish_;
  }

  static task<void> send_block(websocket& socket, const std::string& block) {
    try {
      co_await socket.send(block);
    } catch (const std::system_error&) {
      // What becomes of the one behind it is the question.
    }
  }

  task<void> operate(websocket& socket, const std::string& column) {
    const auto text = co_await text_of([&]() -> task<std::string> {
      if (column == "a receive") return receive_or_stop(socket);
      if (column == "a send") return send(socket);
      return close(socket);
    });
    result_.set_value(text);
  }

  task<std::string> receive_or_stop(websocket& socket) {
    const auto message = co_await socket.receive_message(stop_.get_token());
    co_return message.is_close() ? "the Close" : "data";
  }

  static task<std::string> send(websocket& socket) {
    co_await socket.send("behind it");
    co_return "sent";
  }

  task<void> meanwhile(std::unique_ptr<websocket>& socket, const std::string& row,
                       const std::string& column) {
    if (row == "abort") socket->abort();
    if (row == "abort on another thread") std::thread([&] { socket->abort(); }).join();
    if (row == "close") other_ = co_await text_of([&] { return close(*socket); });
    if (row == "close_output") {
      other_ = co_await text_of([&] { return call(*socket, "close_output"); });
    }
    if (row == "handle destroyed") socket.reset();
    if (row == "stop requested") stop_.request_stop();
    if (row == "another one" && column == "a receive") {
      other_ = co_await text_of([&] { return receive(*socket); });
    }
    if (row == "another one" && column == "a send") {
      other_ = co_await text_of([&] { return send(*socket); });
    }
    if (row == "another one" && column == "a close") {
      other_ = co_await text_of([&] { return close(*socket); });
    }
    if (row == "stop requested") {
      // The loop takes it next; then the socket goes on.
      completion_source<> taken;
      socket->loop().post([&taken] { taken.set_value(); });
      co_await taken;
      other_ = co_await text_of([&] { return receive(*socket); });
    }
    done_.set_value();
  }

  /// What the client does: the event, or the answer to it.
  void act(const std::string& row, const std::string& column) {
    if (row == "the peer's end (FIN)") client_.raw().half_close();
    if (row == "the peer's reset (RST)") client_.raw().reset();
    if (row == "the server stops") server_.app().stop();
    if (row == "the peer's Close") answer();
    if (row == "stop requested" || (row == "another one" && column == "a receive")) {
      client_.send({.opcode = 1, .payload = "x"});
    }
    const bool reads = row == "close" || row == "close_output" || row == "the server stops" ||
                       (row == "another one" && column != "a receive") ||
                       (row == "the peer's Close" && column == "a send");
    if (!reads) return;
    for (auto frame = client_.read_frame();; frame = client_.read_frame()) {
      received_ += frame.payload.size() < 100 && frame.opcode == 1 ? frame.payload + " " : "";
      if (frame.opcode == 8) {
        if (row != "the peer's Close") answer();
        return;
      }
      if (received_ == "behind it behind it " ||
          (column == "a send" && row == "the peer's Close" && received_ == "behind it ")) {
        return;
      }
    }
  }

  void answer() { client_.send({.opcode = 8, .payload = close_payload(1000)}); }

  std::string result() {
    auto future = result_.get_future();
    return future.wait_for(patience) == std::future_status::ready ? future.get() : "still pending";
  }

  std::promise<void> pending_;
  std::promise<void> done_;
  std::promise<std::string> result_;
  std::string other_;
  std::string received_;
  std::stop_source stop_;
  completion_source<> finish_;
  test_server server_{[this](web_application& app) {
    app.use_websockets(limits_of(GetParam()));
    app.map_websocket("/ws", [this](websocket socket) { return serve(std::move(socket)); });
  }};
  ws_client client_{greeted(server_.port())};
};

TEST_P(websocket_pending, ends_as_the_table_says) {
  const auto& [row, column, expected] = GetParam();
  if (expected == "takes none") return;
  ASSERT_EQ(pending_.get_future().wait_for(patience), std::future_status::ready);
  act(row, column);
  auto text = result();
  const bool first_stays = row == "another one" && column == "a receive";
  if (first_stays) {
    EXPECT_EQ(text, "data");
  }
  ASSERT_EQ(done_.get_future().wait_for(patience), std::future_status::ready);
  if (first_stays) text = other_ + " there";
  if (row == "stop requested") text += other_ == "data" ? ", goes on" : ", " + other_;
  if (row == "another one" && column == "a send") {
    text += other_ == "sent" && received_ == "behind it behind it " ? ", in order" : ", " + other_;
  }
  if (row == "another one" && column == "a close") text += other_ == "closed" ? ", both" : other_;
  if (row == "close_output" && column == "a close") text = other_ + " there, " + text + " here";
  if (row == "the peer's Close" && column == "a send") text += ", when the peer takes it";
  finish_.set_value();
  EXPECT_EQ(text, expected);
  client_.raw().close();  // The server need not wait for it.
}

INSTANTIATE_TEST_SUITE_P(table, websocket_pending, ::testing::ValuesIn(read_table("meanwhile")),
                         name_of);

TEST(websocket_tables, are_there) {
  EXPECT_EQ(read_table("call in state").size(), 60U);
  EXPECT_EQ(read_table("meanwhile").size(), 36U);
}

TEST(websocket_close, may_come_from_both_ends_at_once) {
  one_handler<std::string> handler([](websocket& socket, http_context&) -> task<std::string> {
    co_return co_await text_of([&] { return close(socket); });
  });
  ws_client client(handler.port(), "/ws",
                   client_frame{.opcode = 8, .payload = close_payload(3001)}.bytes());
  EXPECT_EQ(client.read_frame().payload, close_payload(1000));
  EXPECT_EQ(handler.result(), "closed");
  EXPECT_EQ(client.raw().read_to_eof(), "");
}

}  // namespace
}  // namespace saker::testing
