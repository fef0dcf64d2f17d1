using BlazorChat;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");
builder.RootComponents.Add<HeadOutlet>("head::after");
builder.Services.AddSingleton(new ChatConnection(new Uri(new Uri(builder.HostEnvironment.BaseAddress), "chat")));
await builder.Build().RunAsync();
