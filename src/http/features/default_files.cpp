#include <saker/http/features/static_files.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include <saker/http/message/url.hpp>

#include "http/features/served_path.hpp"
#include "http/features/static_root.hpp"
#include "http/message/path_prefix.hpp"

namespace saker {

namespace {

std::string encode_path(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    auto slash = std::min(path.find('/'), path.size());
    result.append(percent_encode(path.substr(0, slash)));
    if (slash < path.size()) result.push_back('/');
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return result;
}

task<void> redirect_to_folder(http_context& context) {
  auto& request = context.request();
  auto location = encode_path(request.path_base()) + encode_path(request.path()) + '/';
  if (!request.query_string().empty()) location.append("?").append(request.query_string());
  context.response().set_status(301);
  context.response().headers().set("Location", location);
  co_return;
}

class default_file_finder {
 public:
  explicit default_file_finder(default_file_options options)
      : options_(std::move(options)), root_(options_.root) {
    if (!options_.request_path.empty()) {
      http::require_path_prefix(options_.request_path, "default_file_options::request_path");
    }
    for (const auto& name : options_.file_names) {
      auto served = http::served_path('/' + name);
      if (!served || served->empty() || served->find('/') != std::string::npos) {
        throw std::invalid_argument("default_file_options::file_names: '" + name +
                                    "' is no name of a file that can be served.");
      }
    }
  }

  task<void> answer(http_context& context, next rest) const {
    auto& request = context.request();
    auto folder = http::requested_path(request, options_.request_path);
    if (!folder) return rest();
    if (folder->ends_with('/')) folder->pop_back();
    const auto root = root_.open();
    if (!root.has_folder(*folder)) return rest();
    bool has_slash = request.path().ends_with('/');
    for (const auto& name : options_.file_names) {
      if (!root.open_file(folder->empty() ? name : *folder + '/' + name)) continue;
      if (!has_slash) return redirect_to_folder(context);
      request.set_path(std::string(request.path()) + name);
      break;
    }
    return rest();
  }

 private:
  default_file_options options_;
  http::static_root root_;
};

}  // namespace

middleware default_files(default_file_options options) {
  auto finder = std::make_shared<const default_file_finder>(std::move(options));
  return [finder = std::move(finder)](http_context& context, next rest) {
    return finder->answer(context, rest);
  };
}

}  // namespace saker
