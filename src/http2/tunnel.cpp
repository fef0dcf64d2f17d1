#include "http2/tunnel.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>

#include "http2/stream.hpp"

namespace saker::http2 {

tunnel::tunnel(stream& on, event_loop& loop, std::vector<std::byte> early)
    : stream_(&on), loop_(loop) {
  if (!early.empty()) kept_ = std::make_unique<std::vector<std::byte>>(std::move(early));
}

tunnel::~tunnel() {
  if (stream_) stream_->on_tunnel_gone();
}

std::string tunnel::remote_endpoint() const {
  return stream_ ? stream_->remote_endpoint() : std::string();
}

// Reading.

void tunnel::set_handler(core::stream_handler* handler) noexcept {
  handler_ = handler;
  if (kept_ || read_ended_) later();
}

void tunnel::resume_reading() {
  reading_ = true;
  if (kept_ || read_ended_) later();
}

void tunnel::receive(std::span<std::byte> data) {
  if (closing_) {
    stream_->consumed(data.size());
    return;
  }
  if (!kept_) {
    data = data.subspan(show(data));
    if (data.empty() || !stream_) return;
    kept_ = std::make_unique<std::vector<std::byte>>(data.begin(), data.end());
    return;
  }
  kept_->insert(kept_->end(), data.begin(), data.end());
  show_kept();
}

/// Shows data, a budget at a time, until the handler takes no more, and says how much it took.
std::size_t tunnel::show(std::span<std::byte> data) {
  std::size_t taken = 0;
  while (taken < data.size() && handler_ && reading_) {
    const auto budget = handler_->read_budget();
    if (budget == 0) {
      reading_ = false;
      break;
    }
    const auto rest = data.subspan(taken);
    auto used = handler_->on_read(rest.first(std::min(rest.size(), budget)));
    // What fits the budget may be less than the handler needs to make sense of it.
    if (used == 0 && budget < rest.size() && handler_ && reading_) used = handler_->on_read(rest);
    if (used == 0) break;
    taken += used;
    if (stream_) stream_->consumed(used);
  }
  return taken;
}

void tunnel::show_kept() {
  const auto kept = std::exchange(kept_, nullptr);
  const auto taken = show(*kept);
  if (taken == kept->size() || !stream_) return;
  auto rest = std::make_unique<std::vector<std::byte>>(
      kept->begin() + static_cast<std::ptrdiff_t>(taken), kept->end());
  kept_ = std::move(rest);
}

void tunnel::receive_end() {
  read_ended_ = true;
  later();
}

/// Nobody will read it; the window is given back.
void tunnel::forget_input() {
  handler_ = nullptr;
  drained_below_ = 0;
  const auto kept = std::exchange(kept_, nullptr);
  if (kept && stream_) stream_->consumed(kept->size());
}

// Writing.

void tunnel::write(std::span<const std::byte> data) {
  if (!stream_) return;
  stream_->append_output(data);
  note_queued();
}

void tunnel::write(std::span<const std::byte> head, std::span<const std::byte> payload) {
  if (!stream_) return;
  stream_->append_output(head);
  stream_->append_output(payload);
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
  if (error_ != std::errc()) {
    if (auto* const handler = std::exchange(handler_, nullptr)) {
      handler->on_error(std::make_error_code(error_));
    }
    return;
  }
  if (kept_ && handler_ && reading_) show_kept();
  if (read_ended_ && !kept_ && handler_ && reading_ && !std::exchange(end_shown_, true)) {
    handler_->on_read_end();
  }
  if (drained_below_ != 0 && handler_ && queued() < drained_below_) {
    drained_below_ = 0;
    handler_->on_drained();
  }
}

void tunnel::lost(std::errc error) {
  stream_ = nullptr;
  kept_.reset();
  if (closing_) {
    loop_.state().drop(*this);
    return;
  }
  error_ = error;
  later();
}

void tunnel::ended() {
  if (closing_) {
    stream_ = nullptr;
    loop_.state().drop(*this);
  } else {
    lost(std::errc::connection_reset);
  }
}

void tunnel::abort() noexcept {
  forget_input();
  if (auto* const on = std::exchange(stream_, nullptr)) on->on_tunnel_gone();
}

void tunnel::close(std::unique_ptr<core::byte_stream> self, std::chrono::milliseconds limit) {
  forget_input();
  if (!stream_) {
    loop_.state().retire(std::move(self));
    return;
  }
  closing_ = std::make_unique<core::closing_pace>(
      [](void* closed) { static_cast<tunnel*>(closed)->limit_closing(); }, this, limit);
  closing_->begin(loop_.state().deadlines(), sent_);
  loop_.state().keep(std::move(self));
  stream_->end_output();
}

void tunnel::limit_closing() {
  if (!closing_->is_late(sent_, queued() == 0)) {
    closing_->begin(loop_.state().deadlines(), sent_);
    return;
  }
  // A client that got everything and only keeps its side open has done nothing wrong.
  auto& on = *std::exchange(stream_, nullptr);
  on.on_tunnel_gone(on.output_size() == 0 ? NGHTTP2_NO_ERROR : NGHTTP2_INTERNAL_ERROR);
  loop_.state().drop(*this);
}

}  // namespace saker::http2
