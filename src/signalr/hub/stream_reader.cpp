#include <saker/signalr/hub/stream_reader.hpp>

#include "signalr/hub/upload_queue.hpp"

namespace saker::signalr {
namespace {

std::size_t cost_of(const std::string& item) noexcept {
  constexpr std::size_t allocation = 16;
  return sizeof(std::string) + item.size() + allocation;
}

}  // namespace

std::size_t upload_queue::push(std::string_view item) {
  if (completed_) return 0;
  items_.emplace_back(item);
  wake_reader();
  return cost_of(items_.back());
}

void upload_queue::complete(std::optional<std::string> error) {
  if (std::exchange(completed_, true)) return;
  error_ = std::move(error);
  wake_reader();
  tell(0);
}

std::optional<std::string> upload_queue::take() {
  if (items_.empty()) {
    if (error_) throw hub_error(*std::exchange(error_, std::nullopt));
    return std::nullopt;
  }
  std::optional<std::string> item(std::move(items_.front()));
  items_.pop_front();
  tell(cost_of(*item));
  return item;
}

void upload_queue::discard() {
  complete(std::nullopt);
  std::size_t bytes = 0;
  for (const auto& each : std::exchange(items_, {})) bytes += cost_of(each);
  tell(bytes);
}

void upload_queue::set_reader(std::coroutine_handle<> reader) noexcept {
  if (!reader) {
    reader_.reset();
    return;
  }
  if (!reader_) reader_.emplace();
  reader_->arm(reader);
}

void upload_queue::wake_reader() noexcept {
  if (reader_) reader_->wake(event_loop::current()->state());
}

void upload_queue::tell(std::size_t bytes) const noexcept {
  if (const auto owner = owner_.lock()) owner->on_items_taken(bytes);
}

void detail::throw_stream_binding_error() { throw hub_error("Failed to bind Stream message."); }

}  // namespace saker::signalr
