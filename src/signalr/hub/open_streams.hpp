#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "signalr/hub/upload_queue.hpp"

namespace saker::signalr {

/// Keeps the streams of a client's calls by their ids, in order, since a client chooses the ids and
/// how many there are. Thread rule: the connection's loop.
class open_streams {
 public:
  using downloads = std::map<std::string, std::stop_source, std::less<>>;
  using uploads = std::map<std::string, std::shared_ptr<upload_queue>, std::less<>>;

  /// And calls that can be cancelled.
  downloads& down() { return all().down; }
  uploads& up() { return all().up; }

  void cancel_download(std::string_view id) const {
    if (!all_) return;
    const auto found = all_->down.find(id);
    if (found == all_->down.end()) return;
    auto stop = found->second;
    stop.request_stop();
  }
  /// Null: there is none.
  std::shared_ptr<upload_queue> find_upload(std::string_view id) const {
    if (!all_) return nullptr;
    const auto found = all_->up.find(id);
    return found == all_->up.end() ? nullptr : found->second;
  }
  /// Null: there was none.
  std::shared_ptr<upload_queue> take_upload(std::string_view id) const {
    if (!all_) return nullptr;
    const auto found = all_->up.find(id);
    if (found == all_->up.end()) return nullptr;
    auto taken = std::move(found->second);
    all_->up.erase(found);
    return taken;
  }

  /// The client sends nothing more.
  void end_uploads() const {
    if (!all_) return;
    // What is told may end, and take itself off the list.
    for (const auto& [id, stream] : uploads(all_->up)) stream->complete(closed);
  }
  void stop() const {
    if (!all_) return;
    for (auto& [id, stop] : downloads(all_->down)) stop.request_stop();
    for (const auto& [id, stream] : std::exchange(all_->up, {})) stream->complete(closed);
  }

 private:
  static constexpr auto closed = "The underlying connection was closed.";

  struct kinds {
    downloads down;
    uploads up;
  };
  kinds& all() {
    if (!all_) all_ = std::make_unique<kinds>();
    return *all_;
  }

  std::unique_ptr<kinds> all_;  ///< From the first one on.
};

}  // namespace saker::signalr
