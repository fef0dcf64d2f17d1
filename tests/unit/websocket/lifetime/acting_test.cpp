// Coroutines that act when they are resumed: each pending operation, ended by each event, and each
// coroutine that then does something to the same socket. Run with AddressSanitizer above all.

#include <gtest/gtest.h>

#include <optional>

#include <saker/websocket/group.hpp>
#include <saker/websocket/manager.hpp>

#include "support/conversation.hpp"

namespace saker {
namespace {

using testing::client_close;
using testing::client_frame;
using testing::websocket_request;

enum class event {
  message,
  close,
  fault,
  end,
  reset,
  drained,
  abort,
  close_call,
  close_output,
  stop
};
enum class action {
  none,
  send,
  try_send,
  close,
  close_output,
  abort,
  destroy,
  receive,
  leave,
  fail
};

constexpr event events[] = {event::message,      event::close,   event::fault, event::end,
                            event::reset,        event::drained, event::abort, event::close_call,
                            event::close_output, event::stop};
constexpr action actions[] = {
    action::none,  action::send,    action::try_send, action::close, action::close_output,
    action::abort, action::destroy, action::receive,  action::leave, action::fail};

class acting : public ::testing::TestWithParam<std::tuple<event, action>> {
 protected:
  /// The socket of a handler that others use as well, and its group.
  struct shared {
    std::optional<websocket> socket;
    websocket_group group;
  };

  acting() {
    websocket_options sockets;
    sockets.send_high_water_mark = 8;
    sockets.receive_read_ahead = 64;
    application_builder builder;
    builder.use(websockets_middleware(sockets));
    builder.run([this](http_context& context) { return serve(context); });
    http::connection_options options;
    options.application = builder.build();
    spoken_.emplace(std::move(options));
  }

  task<void> serve(http_context& context) {
    shared_ = std::make_shared<shared>();
    shared_->socket = co_await context.websockets().accept();
    shared_->group.add(*shared_->socket);
    auto& loop = context.loop();
    spawn(loop, receive(shared_));
    for (int i = 0; i < 3; ++i) spawn(loop, send(shared_));
    if (closing_) spawn(loop, close(shared_));
    co_await busy_;
  }

  /// What a coroutine does that has been resumed, or failed.
  task<void> act(std::shared_ptr<shared> with) {
    auto& socket = with->socket;
    if (!socket) co_return;
    switch (std::get<1>(GetParam())) {
      case action::none: break;
      case action::send: co_await socket->send("more"); break;
      case action::try_send: socket->try_send("more"); break;
      case action::close: co_await socket->close(); break;
      case action::close_output: co_await socket->close_output(); break;
      case action::abort: socket->abort(); break;
      case action::destroy: socket.reset(); break;
      case action::receive: co_await socket->receive_message(); break;
      case action::leave:
        with->group.remove(*socket);
        with->group.broadcast("left");
        break;
      case action::fail: throw std::runtime_error("a coroutine of the test");
    }
  }

  template <class Operation>
  task<void> run(std::shared_ptr<shared> with, Operation operation) {
    ++running_;
    bool failed = false;
    try {
      co_await operation(*with);
    } catch (const std::exception&) {
      failed = true;
    }
    try {
      co_await act(with);
    } catch (const std::exception&) {
      failed = true;
    }
    failed_ += failed ? 1 : 0;
    --running_;
  }

  task<void> receive(std::shared_ptr<shared> with) {
    return run(std::move(with),
               [](shared& in) -> task<void> { co_await in.socket->receive_message(); });
  }
  task<void> send(std::shared_ptr<shared> with) {
    return run(std::move(with), [](shared& in) -> task<void> {
      const std::string text(20, 's');
      co_await in.socket->send(text);
    });
  }
  task<void> close(std::shared_ptr<shared> with) {
    return run(std::move(with), [](shared& in) -> task<void> {
      if (in.socket) co_await in.socket->close();
    });
  }

  void happen() {
    switch (std::get<0>(GetParam())) {
      case event::message:
        spoken_->send(client_frame(0x81, "one") + client_frame(0x81, "two"));
        break;
      case event::close: spoken_->send(client_frame(0x81, "one") + client_close(1001, "")); break;
      case event::fault: spoken_->send(client_frame(0x81, "one") + client_frame(0x83, "")); break;
      case event::end: spoken_->end(); break;
      case event::reset: spoken_->reset(); break;
      case event::drained: spoken_->read_all(); break;
      case event::abort: on_socket([](websocket& socket) { socket.abort(); }); break;
      case event::close_call:
        spoken_->turn([this] { spawn(spoken_->loop(), close(shared_)); });
        break;
      case event::close_output:
        spoken_->turn([this] { spawn(spoken_->loop(), close_output(shared_)); });
        break;
      case event::stop: spoken_->turn([this] { spoken_->loop().state().request_stop(); }); break;
    }
  }

  static task<void> close_output(std::shared_ptr<shared> with) {
    try {
      if (with->socket) co_await with->socket->close_output();
    } catch (const std::exception&) {
      // It has ended already.
    }
  }

  void on_socket(void (*happens)(websocket&)) {
    spoken_->turn([&] {
      if (shared_->socket) happens(*shared_->socket);
    });
  }

  void play(bool closing) {
    closing_ = closing;
    spoken_->send(websocket_request("/"));
    spoken_->turns(3);
    if (!closing) {
      EXPECT_EQ(running_, 4) << "all of them wait";
    }
    happen();
    spoken_->turns(5);
    spoken_->read_all();
    spoken_->send(client_frame(0x81, "late") + client_close(1000, ""));
    spoken_->read_all();
    spoken_->end();
    spoken_->read_all();
    spoken_->reset();
    spoken_->turns(5);
    EXPECT_EQ(running_, 0) << "an operation still waits";
    spoken_->turn([this] {
      shared_.reset();
      busy_.open();
    });
    spoken_->turns(5);
    EXPECT_EQ(spoken_->open_connections(), 0U);
  }

  bool closing_ = false;
  int running_ = 0;
  int failed_ = 0;
  testing::gate busy_;
  std::shared_ptr<shared> shared_;
  std::optional<testing::conversation> spoken_;
};

TEST_P(acting, while_receives_and_sends_wait) { play(false); }
TEST_P(acting, while_a_close_waits_too) { play(true); }

INSTANTIATE_TEST_SUITE_P(each, acting,
                         ::testing::Combine(::testing::ValuesIn(events),
                                            ::testing::ValuesIn(actions)));

}  // namespace
}  // namespace saker
