#include "http/features/static_file_server.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "http/features/precompressed.hpp"
#include "http/features/served_path.hpp"
#include "http/message/path_prefix.hpp"
#include "http/message/token.hpp"

namespace saker {

namespace http {

namespace {

void require_extension(std::string_view extension) {
  if (extension.size() < 2 || extension.front() != '.') {
    throw std::invalid_argument(
        "static_file_options::content_types: an extension must begin with its dot.");
  }
}

}  // namespace

static_file_server::static_file_server(static_file_options options)
    : options_(std::move(options)), root_(options_.root) {
  if (!options_.request_path.empty()) {
    require_path_prefix(options_.request_path, "static_file_options::request_path");
  }
  for (const auto& [extension, type] : options_.content_types) require_extension(extension);
  if (options_.default_content_type.empty()) {
    throw std::invalid_argument("static_file_options::default_content_type must not be empty.");
  }
}

task<void> static_file_server::answer(http_context& context, next rest) const {
  const auto path = requested_path(context.request(), options_.request_path);
  if (!path || path->empty() || path->ends_with('/')) return rest();
  auto found = find(context.request(), *path);
  if (!found) return rest();
  return send_file(context, std::move(*found), options_.on_prepare_response);
}

task<void> static_file_server::answer_with(http_context& context, const std::string& path) const {
  auto found = find(context.request(), path);
  if (found) return send_file(context, std::move(*found), options_.on_prepare_response);
  context.response().set_status(404);
  return {};
}

std::string_view static_file_server::type_of(std::string_view path) const {
  if (!options_.content_types.empty()) {
    auto name = path.substr(path.rfind('/') + 1);
    std::string extension(name.substr(std::min(name.rfind('.'), name.size())));
    std::transform(extension.begin(), extension.end(), extension.begin(), to_lower);
    auto own = options_.content_types.find(extension);
    if (own != options_.content_types.end()) return own->second;
  }
  auto type = content_type_of(path);
  if (!type.empty() || !options_.serve_unknown_file_types) return type;
  return options_.default_content_type;
}

std::optional<representation> static_file_server::find(const http_request& request,
                                                       const std::string& path) const {
  const auto type = type_of(path);
  if (type.empty()) return std::nullopt;
  const auto root = root_.open();
  auto source = root.open_file(path);
  if (!source) return std::nullopt;
  representation found{std::move(*source), type, cache_control_of(path)};
  if (options_.precompressed) negotiate_coding(found, request.headers(), root, path);
  return found;
}

std::string_view static_file_server::cache_control_of(std::string_view path) const {
  if (!options_.immutable_files || !options_.immutable_files(path)) return options_.cache_control;
  return "public, max-age=31536000, immutable";
}

request_delegate fallback_file(std::string_view file_name, static_file_options options) {
  auto path = served_path("/" + std::string(file_name));
  if (options.cache_control.empty()) options.cache_control = "no-cache";
  const auto server = std::make_shared<const static_file_server>(std::move(options));
  if (!path || path->empty() || path->ends_with('/') || server->type_of(*path).empty()) {
    throw std::invalid_argument("The fallback '" + std::string(file_name) +
                                "' is no name of a file that can be served.");
  }
  return [server, path = std::move(*path)](http_context& context) {
    return server->answer_with(context, path);
  };
}

}  // namespace http

middleware static_files(static_file_options options) {
  auto server = std::make_shared<const http::static_file_server>(std::move(options));
  return [server = std::move(server)](http_context& context, next rest) {
    return server->answer(context, rest);
  };
}

}  // namespace saker
