#include <saker/signalr/stream_reader.hpp>

namespace saker::signalr::detail {

void upload_stream::push(json item) {
  if (completed_) return;
  items_.push_back(std::move(item));
  if (reader_) std::exchange(reader_, {}).resume();
}

void upload_stream::complete(std::optional<std::string> error) {
  if (std::exchange(completed_, true)) return;
  error_ = std::move(error);
  if (writer_) std::exchange(writer_, {}).resume();
  if (reader_) std::exchange(reader_, {}).resume();
}

std::optional<json> upload_stream::take() {
  if (items_.empty()) {
    if (error_) throw hub_error(*std::exchange(error_, std::nullopt));
    return std::nullopt;
  }
  auto item = std::move(items_.front());
  items_.pop_front();
  if (writer_ && !is_full()) std::exchange(writer_, {}).resume();
  return item;
}

void throw_stream_binding_error() { throw hub_error("Failed to bind Stream message."); }

}  // namespace saker::signalr::detail
