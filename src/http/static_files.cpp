#include <saker/http/static_files.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "http/file_response.hpp"
#include "http/path_prefix.hpp"
#include "http/served_path.hpp"
#include "http/static_root.hpp"
#include "http/token.hpp"

namespace saker {

namespace {

class static_file_server {
 public:
  explicit static_file_server(static_file_options options)
      : options_(std::move(options)), root_(options_.root) {
    if (!options_.request_path.empty()) {
      http::require_path_prefix(options_.request_path, "static_file_options::request_path");
    }
    for (const auto& [extension, type] : options_.content_types) require_extension(extension);
  }

  task<void> answer(http_context& context, next rest) const {
    auto path = http::requested_path(context.request(), options_.request_path);
    if (!path || path->empty() || path->ends_with('/')) return rest();
    auto type = type_of(*path);
    if (type.empty()) return rest();
    auto file = root_.open_file(*path);
    if (!file) return rest();
    return http::send_file(context, options_, std::move(*file), type);
  }

 private:
  static void require_extension(std::string_view extension) {
    if (extension.size() < 2 || extension.front() != '.') {
      throw std::invalid_argument(
          "static_file_options::content_types: an extension must begin with its dot.");
    }
  }

  std::string_view type_of(std::string_view path) const {
    if (!options_.content_types.empty()) {
      auto name = path.substr(path.rfind('/') + 1);
      std::string extension(name.substr(std::min(name.rfind('.'), name.size())));
      std::transform(extension.begin(), extension.end(), extension.begin(), http::to_lower);
      auto own = options_.content_types.find(extension);
      if (own != options_.content_types.end()) return own->second;
    }
    auto type = content_type_of(path);
    if (!type.empty() || !options_.serve_unknown_file_types) return type;
    return "application/octet-stream";
  }

  static_file_options options_;
  http::static_root root_;
};

}  // namespace

middleware static_files(static_file_options options) {
  auto server = std::make_shared<const static_file_server>(std::move(options));
  return [server = std::move(server)](http_context& context, next rest) {
    return server->answer(context, rest);
  };
}

}  // namespace saker
