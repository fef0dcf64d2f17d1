#include "websocket/lifetime/connection.hpp"

#include <utility>

namespace saker::websockets {
namespace {

constexpr async::work_kind socket_work{"WebSocket", "WebSockets", true};

/// Keeps a connection alive as long as its stream lives.
struct connection_keeper final : async::disposable {
  explicit connection_keeper(std::shared_ptr<connection> kept) : socket(std::move(kept)) {}
  ~connection_keeper() override { socket->forget_keeper(); }
  void report_work(async::work_report& to) const override {
    if (!socket->waits_for_peer()) to.add(socket_work);
  }
  std::shared_ptr<connection> socket;
};

void prefetch_object(const void* object, std::size_t size) noexcept {
  const auto* const begin = static_cast<const char*>(object);
  for (std::size_t at = 0; at < size; at += 64) __builtin_prefetch(begin + at);
}

}  // namespace

connection::connection(event_loop& loop, connection_settings settings)
    : socket_core(loop, std::move(settings)),
      lifetime_(*this),
      reader_(*this, settings_.deflate.has_value()),
      writer_(*this),
      watch_(*this) {}

const std::string& connection::sub_protocol() const noexcept {
  static const std::string none;
  return settings_.sub_protocol ? *settings_.sub_protocol : none;
}

void connection::open(std::unique_ptr<io::byte_stream> stream, http::exchange& host) {
  stream_ = std::move(stream);
  lifetime_.set_host(host);
  auto keeper = std::make_unique<connection_keeper>(shared_from_this());
  keeper_ = keeper.get();
  loop_.state().keep(std::move(keeper));
  loop_.state().stoppables().push_back(*this);
  stream_->set_handler(this);
  stream_->resume_reading();  // What came behind the request.
  watch_.begin();
  ++counts_.opened;
}

std::string connection::remote_endpoint() const {
  return stream_ ? stream_->remote_endpoint() : std::string();
}

std::string connection::local_endpoint() const {
  return stream_ ? stream_->local_endpoint() : std::string();
}

bool connection::is_peer_fault(const std::error_code& error) const noexcept {
  return error == websocket_errc::connection_closed_prematurely ||
         error == websocket_errc::faulted ||
         (lifetime_.is_stopping() && error == websocket_errc::invalid_state);
}

void connection::prefetch() const noexcept { prefetch_object(this, sizeof *this); }

void connection::prefetch_stream() const noexcept {
  constexpr std::size_t what_a_write_reads = 192;
  prefetch_object(stream_.get(), what_a_write_reads);
}

std::size_t connection::on_read(std::span<std::byte> data) {
  watch_.note_received();
  return reader_.read(data);
}

// Operations.

void connection::complete(operation& waiting) noexcept {
  waiting.pending_ = true;
  completed_.push(waiting);
  call_at_turn_end();
}

void connection::withdraw(receive_base& operation) noexcept {
  completed_.erase(operation);
  reader_.withdraw(operation);
}

void connection::withdraw(send_operation& operation) noexcept {
  completed_.erase(operation);
  writer_.withdraw(operation);
}

void connection::on_turn_end() {
  const auto keep = shared_from_this();
  while (!completed_.empty()) resume_now(completed_.pop());
  lifetime_.end_turn();
}

// The end.

void connection::end_stream(connection_lifetime::ending order) {
  note_queued(0);
  watch_.end();
  groups_.leave_all();
  stoppable::unlink();
  writer_.end();
  auto stream = std::move(stream_);
  if (order == connection_lifetime::ending::in_order) {
    io::close_in_order(std::move(stream));
  } else {
    stream->abort();
    loop_.state().retire(std::move(stream));
  }
  // The loop lets go at the end of the turn, when nothing of this is on the stack.
  if (auto* const keeper = std::exchange(keeper_, nullptr)) loop_.state().drop(*keeper);
}

}  // namespace saker::websockets
