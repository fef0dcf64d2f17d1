#include <saker/signalr.hpp>

namespace signalr = saker::signalr;

// The messages of "json", each on a line of its own.
class json_lines : public signalr::hub_protocol {
 public:
  std::string_view name() const noexcept override { return "json-lines"; }
  signalr::transfer_format format() const noexcept override {
    return signalr::transfer_format::text;
  }
  saker::binding::value_format values() const noexcept override {
    return saker::binding::value_format::json;
  }

  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    const auto end = data.find('\n', looked_through);
    if (end == std::string_view::npos) return std::nullopt;
    return frame{data.substr(0, end), end + 1};
  }
  std::optional<signalr::hub_message> parse(std::string_view payload) const override {
    return signalr::json_protocol().parse(payload);
  }
  void write(const signalr::hub_message& message, std::string& out) const override {
    signalr::json_protocol().write(message, out);
    out.back() = '\n';
  }
};

struct sum_hub : signalr::hub {
  int add(int left, int right) { return left + right; }
  static void define(signalr::hub_methods<sum_hub>& methods) { methods.add("Add", &sum_hub::add); }
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.add(signalr::defaults(
      [](signalr::hub_options& options) { options.add_protocol(std::make_shared<json_lines>()); }));
  app.add(signalr::map_hub<sum_hub>("/sums"));
  return app.run();
}
