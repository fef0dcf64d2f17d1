#include "http/v2/tunnel.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>

#include "http/v2/stream.hpp"

namespace saker::http::v2 {

tunnel::tunnel(stream& on, event_loop& loop, std::vector<std::byte> early)
    : stream_(&on), loop_(loop) {
  if (!early.empty()) kept_ = std::make_unique<io::kept_input>(std::move(early));
}

tunnel::~tunnel() { let_go(NGHTTP2_INTERNAL_ERROR); }

void tunnel::let_go(std::uint32_t code) noexcept {
  if (auto* const on = std::exchange(stream_, nullptr)) on->on_tunnel_gone(code);
}

std::string tunnel::remote_endpoint() const {
  return stream_ ? stream_->remote_endpoint() : std::string();
}

std::string tunnel::local_endpoint() const {
  return stream_ ? stream_->local_endpoint() : std::string();
}

// Reading.

void tunnel::note_work(std::size_t cost) {
  if (stream_) stream_->note_work(cost);
}

void tunnel::set_handler(io::stream_handler* handler) noexcept {
  handler_ = handler;
  note_queued();
  later();
}

void tunnel::resume_reading() {
  reading_ = true;
  if (kept_) later();
}

void tunnel::receive(std::span<std::byte> data) {
  if (closing_) {
    stream_->consumed(data.size());
    return;
  }
  if (!kept_) {
    data = data.subspan(show(data));
    if (data.empty() || !stream_) return;
    kept_ = std::make_unique<io::kept_input>(std::vector(data.begin(), data.end()));
    return;
  }
  kept_->append(data);
  show_kept();
}

bool tunnel::has_worked() const noexcept { return stream_ && stream_->connection_has_worked(); }

bool tunnel::is_reading() const noexcept { return handler_ && reading_ && !has_worked(); }

/// Shows data, a budget at a time, until the handler takes no more, and says how much it took.
std::size_t tunnel::show(std::span<std::byte> data) {
  std::size_t taken = 0;
  while (taken < data.size() && is_reading()) {
    const auto budget = handler_->read_budget();
    if (budget == 0) {
      reading_ = false;
      break;
    }
    const auto rest = data.subspan(taken);
    auto used = handler_->on_read(rest.first(std::min(rest.size(), budget)));
    // What fits the budget may be less than the handler needs to make sense of it.
    if (used == 0 && budget < rest.size() && is_reading()) used = handler_->on_read(rest);
    if (used == 0) break;
    taken += used;
    if (stream_) stream_->consumed(used);
  }
  return taken;
}

void tunnel::show_kept() {
  auto kept = std::exchange(kept_, nullptr);
  kept->take(show(kept->rest()));
  if (!kept->empty() && stream_) kept_ = std::move(kept);
}

void tunnel::receive_end() {
  end_ = ending::arrived;
  later();
}

/// Nobody will read it; the window is given back.
void tunnel::forget_input() {
  handler_ = nullptr;
  drained_below_ = 0;
  const auto kept = std::exchange(kept_, nullptr);
  if (kept && stream_) stream_->consumed(kept->rest().size());
}

// Writing.

void tunnel::write(std::span<const std::byte> data) { write(data, {}); }

void tunnel::write(std::span<const std::byte> head, std::span<const std::byte> payload) {
  if (!stream_) return;
  stream_->append_output(head);
  if (!payload.empty()) stream_->append_output(payload);
  note_queued();
}

std::size_t tunnel::queued() const noexcept { return stream_ ? stream_->output_size() : 0; }

void tunnel::on_sent(std::size_t bytes) {
  sent_ += bytes;
  note_queued();
  if (drained_below_ != 0) later();
}

void tunnel::notify_drained(std::size_t below) noexcept {
  drained_below_ = below;
  later();
}

// Ending.

void tunnel::on_turn_end() {
  if (kept_ && is_reading()) show_kept();
  // What a handler that reads has left is the beginning of something that never comes.
  if (kept_ && handler_ && !is_reading()) {
    announce_ends();
  } else {
    show_ends();
  }
  if (drained_below_ != 0 && handler_ && queued() < drained_below_) {
    drained_below_ = 0;
    handler_->on_drained();
  }
}

/// The handler has taken all that came, whether it wants more or not.
void tunnel::show_ends() {
  if (handler_ && end_ != ending::none && std::exchange(end_, ending::shown) != ending::shown) {
    handler_->on_read_end();
  }
  if (!handler_ || loss_ == ending::none) return;
  loss_ = ending::shown;
  let_go(NGHTTP2_INTERNAL_ERROR);
  std::exchange(handler_, nullptr)->on_error(std::make_error_code(error_));
}

/// The handler reads nothing now: it learns that there is an end, which stands behind the data.
void tunnel::announce_ends() {
  if (handler_ && end_ == ending::arrived) {
    end_ = ending::announced;
    handler_->on_end_arrived({});
  }
  if (handler_ && loss_ == ending::arrived) {
    loss_ = ending::announced;
    handler_->on_end_arrived(std::make_error_code(error_));
  }
}

void tunnel::lost(std::errc error) {
  if (loss_ != ending::none) return;
  loss_ = ending::arrived;
  error_ = error;
  note_queued();
  if (closing_) {
    finish_closing(NGHTTP2_INTERNAL_ERROR);
  } else {
    later();
  }
}

void tunnel::abort() noexcept {
  forget_input();
  let_go(NGHTTP2_INTERNAL_ERROR);
}

void tunnel::close(std::unique_ptr<io::byte_stream> self, std::chrono::milliseconds limit) {
  forget_input();
  if (!stream_ || loss_ != ending::none) {
    let_go(NGHTTP2_INTERNAL_ERROR);
    loop_.state().retire(std::move(self));
    return;
  }
  closing_ = std::make_unique<io::closing_pace>(
      [](void* closed) { static_cast<tunnel*>(closed)->limit_closing(); }, this, limit);
  closing_->begin(loop_.state(), sent_);
  loop_.state().keep(std::move(self));
  stream_->end_output();
}

void tunnel::limit_closing() {
  const bool all_sent = queued() == 0;
  if (closing_->is_late(sent_, all_sent)) {
    // A client that got everything and only keeps its side open has done nothing wrong.
    finish_closing(all_sent ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR);
  } else {
    closing_->begin(loop_.state(), sent_);
  }
}

/// It is destroyed at the end of the turn only: until then nothing may reach it.
void tunnel::finish_closing(std::uint32_t code) {
  closing_->clear();
  turn_task::unlink();
  let_go(code);
  loop_.state().drop(*this);
}

}  // namespace saker::http::v2
