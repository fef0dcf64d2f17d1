#include "socket_journal.hpp"

#include <algorithm>

namespace {

/// Nothing that would need an escape in JSON.
std::string plain(std::string_view text) {
  constexpr std::size_t longest = 64;
  std::string result;
  for (const char c : text.substr(0, longest)) {
    const bool fine = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      std::string_view("/.:-_[] ").find(c) != std::string_view::npos;
    result += fine ? c : '?';
  }
  return result;
}

std::string json_of(const socket_journal::entry& entry) {
  return R"({"id":")" + entry.id + R"(","path":")" + entry.path + R"(","method":")" + entry.method +
         R"(","protocol":")" + entry.protocol + R"(","connection":")" + entry.connection +
         R"(","tls":")" + entry.tls + R"("})";
}

}  // namespace

socket_journal::place::place(socket_journal& journal, saker::http_context& context)
    : journal_(journal) {
  const auto& request = context.request();
  const auto connection = context.connection();
  entry_ = {plain(request.query("socket").value_or("")),
            plain(request.path()),
            plain(request.method()),
            plain(request.protocol()),
            plain(connection.remote_endpoint()),
            plain(connection.tls_version())};
  const std::scoped_lock lock(journal_.mutex_);
  journal_.open_.insert(&entry_);
}

socket_journal::place::~place() {
  const std::scoped_lock lock(journal_.mutex_);
  journal_.open_.erase(&entry_);
}

saker::task<void> socket_journal::list(saker::http_context& context) const {
  std::string text;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto* const each : open_) text += (text.empty() ? "" : ",") + json_of(*each);
  }
  return context.response().send("[" + text + "]\n", "application/json");
}

saker::task<void> socket_journal::show(saker::http_context& context) const {
  const auto id = context.request().route_value("id");
  std::string text;
  {
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::find_if(open_.begin(), open_.end(), [&](const entry* each) { return each->id == id; });
    if (found != open_.end()) text = json_of(**found) + "\n";
  }
  if (text.empty()) context.response().set_status(404);
  return context.response().send(text, "application/json");
}
