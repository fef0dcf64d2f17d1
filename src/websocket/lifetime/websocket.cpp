#include <saker/websocket/websocket.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

#include "async/resume_on.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker {
namespace {

using websockets::connection;

/// Continues on the socket's loop, behind what other threads have been promised to be sent.
class posted_steps_awaiter : public async::next_turn {
 public:
  explicit posted_steps_awaiter(const connection& socket) noexcept
      : next_turn(socket.loop()), socket_(socket) {}
  bool await_ready() const noexcept {
    return socket_.loop().is_current() && !socket_.awaits_posted();
  }

 private:
  const connection& socket_;
};

/// Runs the closing step on the socket's loop and comes back.
task<void> close_on_loop(std::shared_ptr<connection> socket, websocket_close_status status,
                         std::string description, bool output_only) {
  websockets::validate_close(status, description);
  event_loop* const home = event_loop::current();
  posted_steps_awaiter posted_steps(*socket);
  co_await posted_steps;
  std::exception_ptr exception;
  try {
    if (output_only) {
      socket->lifetime().close_output(status, description);
    } else {
      auto closing = socket->lifetime().close(status, std::move(description));
      co_await closing;
    }
  } catch (...) {
    exception = std::current_exception();
  }
  async::resume_on back(home);
  co_await back;
  if (exception) std::rethrow_exception(exception);
}

}  // namespace

websocket::websocket(std::shared_ptr<connection> connection) noexcept
    : connection_(std::move(connection)) {}

websocket& websocket::operator=(websocket&& other) noexcept {
  if (this != &other) {
    release();
    connection_ = std::move(other.connection_);
  }
  return *this;
}

websocket::~websocket() { release(); }

void websocket::release() noexcept {
  // The loop of one that has ended may have gone as well.
  if (!connection_ || connection_->lifetime().has_ended()) {
    connection_.reset();
    return;
  }
  auto& loop = connection_->loop();
  if (loop.is_current()) {
    std::exchange(connection_, nullptr)->lifetime().release_handle();
  } else {
    loop.post(
        [socket = std::exchange(connection_, nullptr)] { socket->lifetime().release_handle(); });
  }
}

websocket_state websocket::state() const noexcept { return connection_->closing().state(); }

std::optional<websocket_close_status> websocket::close_status() const {
  const auto* const close = connection_->closing().received_close();
  if (!close) return std::nullopt;
  return close->status;
}

std::string websocket::close_status_description() const {
  const auto* const close = connection_->closing().received_close();
  return close ? close->description : std::string();
}

const std::string& websocket::sub_protocol() const noexcept { return connection_->sub_protocol(); }

event_loop& websocket::loop() const noexcept { return connection_->loop(); }

websockets::receive_operation websocket::receive(std::span<std::byte> buffer,
                                                 std::stop_token stop) {
  return {*connection_, buffer, std::move(stop)};
}

websockets::receive_message_operation websocket::receive_message(std::stop_token stop) {
  return {*connection_, std::move(stop)};
}

websockets::send_operation websocket::send(std::span<const std::byte> data,
                                           websocket_message_type type,
                                           websocket_send_options options) {
  return {*connection_, data, type, options};
}

websockets::send_operation websocket::send(std::span<const std::byte> data,
                                           websocket_message_type type, bool end_of_message) {
  return {*connection_, data, type, {.end_of_message = end_of_message}};
}

websockets::send_operation websocket::send(std::string_view text, websocket_send_options options) {
  return {*connection_, std::as_bytes(std::span(text)), websocket_message_type::text, options};
}

websockets::send_operation websocket::send(const websocket_prepared_message& message) {
  return {*connection_, message.shared()};
}

websockets::send_operation websocket::send(const websocket_message& message) {
  return send(message.bytes(), message.type());
}

websockets::send_message_operation websocket::send(websocket_message&& message) {
  return {*connection_, std::move(message)};
}

bool websocket::try_send(std::span<const std::byte> data, websocket_message_type type,
                         bool disable_compression) {
  if (type == websocket_message_type::close) {
    throw std::invalid_argument("try_send takes text or binary messages.");
  }
  if (loop().is_current()) {
    return connection_->settled_writer().try_send(data, type, disable_compression, false);
  }
  if (!connection_->writer().reserve(data.size())) return false;
  loop().post([socket = connection_, copy = std::vector(data.begin(), data.end()), type,
               disable_compression] {
    socket->settled_writer().try_send(copy, type, disable_compression, true);
    socket->writer().release(copy.size());
  });
  return true;
}

bool websocket::try_send(std::string_view text, bool disable_compression) {
  return try_send(std::as_bytes(std::span(text)), websocket_message_type::text,
                  disable_compression);
}

bool websocket::try_send(const websocket_prepared_message& message) {
  if (loop().is_current()) return connection_->settled_writer().try_send(message.shared(), false);
  const auto size = message.bytes().size();
  if (!connection_->writer().reserve(size)) return false;
  loop().post([socket = connection_, shared = message.shared(), size] {
    socket->settled_writer().try_send(shared, true);
    socket->writer().release(size);
  });
  return true;
}

std::size_t websocket::buffered_amount() const noexcept { return connection_->buffered_amount(); }

task<void> websocket::close(websocket_close_status status, std::string_view description) {
  return close_on_loop(connection_, status, std::string(description), false);
}

task<void> websocket::close_output(websocket_close_status status, std::string_view description) {
  return close_on_loop(connection_, status, std::string(description), true);
}

void websocket::abort() noexcept {
  auto& loop = connection_->loop();
  if (loop.is_current()) {
    connection_->lifetime().abort();
  } else {
    loop.post([socket = connection_] { socket->lifetime().abort(); });
  }
}

namespace websockets {

void operation::withdraw() noexcept { home_->withdraw(caller_); }

struct receive_base::stopping {
  /// Comes from whatever thread requests the stop; the receive may be over by then.
  struct cancel {
    std::weak_ptr<connection> socket;
    std::uint64_t ticket;
    event_loop* loop;
    void operator()() const {
      loop->post([socket = socket, ticket = ticket] {
        if (const auto alive = socket.lock()) alive->reader().cancel(ticket);
      });
    }
  };

  std::stop_callback<cancel> callback;
};

receive_base::receive_base(connection& socket, std::stop_token stop)
    : operation(socket), stop_(std::move(stop)) {}

receive_base::~receive_base() {
  if (pending_) socket_->withdraw(*this);
}

bool receive_base::ready() {
  if (!socket_->loop().is_current()) return false;
  if (socket_->reader().begin(*this)) return true;
  pending_ = true;
  return false;
}

void receive_base::suspend(std::coroutine_handle<> caller) {
  caller_ = caller;
  home_ = event_loop::current();
  if (stop_.stop_possible()) {
    ticket_ = socket_->reader().next_ticket();
    stopping_.reset(new stopping{std::stop_callback<stopping::cancel>(
        stop_, stopping::cancel{socket_->weak_from_this(), ticket_, &socket_->loop()})});
  }
  if (pending_) return;
  socket_->loop().post([this] {
    if (socket_->reader().begin(*this)) {
      socket_->complete(*this);
    } else {
      pending_ = true;
    }
  });
}

void receive_base::resume() {
  stopping_.reset();
  rethrow();
}

receive_operation::receive_operation(connection& socket, std::span<std::byte> buffer,
                                     std::stop_token stop)
    : receive_base(socket, std::move(stop)), buffer_(buffer) {}

receive_operation::~receive_operation() = default;

websocket_receive_result receive_operation::await_resume() {
  resume();
  websocket_receive_result result{count_, type_, end_of_message_, std::nullopt, {}};
  if (close_) {
    result.close_status = close_->status;
    result.close_status_description = std::move(close_->description);
  }
  return result;
}

receive_message_operation::receive_message_operation(connection& socket, std::stop_token stop)
    : receive_base(socket, std::move(stop)) {
  whole_message_ = true;
}

send_operation::send_operation(connection& socket, std::span<const std::byte> data,
                               websocket_message_type type, websocket_send_options options)
    : operation(socket), data_(data), type_(type), options_(options) {}

send_operation::send_operation(connection& socket, const std::shared_ptr<const prepared>& message)
    : operation(socket), data_(message->payload()), type_(message->type()), prepared_(&message) {}

send_operation::~send_operation() {
  if (pending_) socket_->withdraw(*this);
}

bool send_operation::await_ready() {
  if (type_ == websocket_message_type::close) {
    throw std::invalid_argument(
        "send takes text or binary messages. To close the WebSocket, use close or close_output.");
  }
  if (!socket_->loop().is_current()) return false;
  if (socket_->settled_writer().begin(*this)) return true;
  pending_ = true;
  return false;
}

void send_operation::await_suspend(std::coroutine_handle<> caller) {
  caller_ = caller;
  home_ = event_loop::current();
  if (pending_) return;
  socket_->loop().post([this] {
    if (socket_->settled_writer().begin(*this)) {
      socket_->complete(*this);
    } else {
      pending_ = true;
    }
  });
}

}  // namespace websockets
}  // namespace saker
