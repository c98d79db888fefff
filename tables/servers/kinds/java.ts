import { file, kind, type Room, type ServerKind, slow } from './kind.ts';

const java = (folder: string, name: string, text: string, jars: readonly string[]) => [
  'java',
  ...(jars.length === 0 ? [] : ['-cp', jars.map((jar) => `/usr/share/java/${jar}.jar`).join(':')]),
  file({ port: 0, folder, modules: '' }, `${name}.java`, text),
];

const sun = (port: number) => `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
public class Sun {
  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", ${port}), 0);
    server.createContext("/", exchange -> {
      if (exchange.getRequestURI().getPath().equals("/slow")) try { Thread.sleep(1000); } catch (InterruptedException e) { }
      exchange.sendResponseHeaders(200, 5);
      exchange.getResponseBody().write("hello".getBytes());
      exchange.close();
    });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }
}
`;

const servlet = (imports: string) => `${imports}
import java.io.IOException;
public class Main {
  static class Page extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      if (request.getRequestURI().equals("/slow")) try { Thread.sleep(1000); } catch (InterruptedException e) { }
      response.setContentLength(5);
      response.getOutputStream().write("hello".getBytes());
    }
  }
`;

const jetty = (port: number) => `import javax.servlet.http.*;
import org.eclipse.jetty.server.*;
import org.eclipse.jetty.servlet.*;
${servlet('')}
  public static void main(String[] args) throws Exception {
    Server server = new Server(new java.net.InetSocketAddress("127.0.0.1", ${port}));
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new Page()), "/");
    server.setHandler(context);
    server.start();
  }
}
`;

const tomcat = ({ port, folder }: Room) => `import jakarta.servlet.http.*;
import org.apache.catalina.startup.Tomcat;
${servlet('')}
  public static void main(String[] args) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir("${folder}");
    tomcat.setPort(${port});
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "page", new Page());
    context.addServletMappingDecoded("/", "page");
    tomcat.start();
    tomcat.getServer().await();
  }
}
`;

export const ofJava = {
  'java-httpserver': kind(
    'Java',
    'com.sun.net.httpserver',
    'java',
    'openjdk-17-jre-headless',
    ({ port, folder }) => java(folder, 'Sun', sun(port), []),
    slow,
  ),
  jetty: kind(
    'Java',
    'Jetty (embedded)',
    'java',
    'libjetty9-java',
    ({ port, folder }) =>
      java(folder, 'Main', jetty(port), [
        ...['jetty9-server', 'jetty9-servlet', 'jetty9-util', 'jetty9-http', 'jetty9-io', 'jetty9-security'],
        ...['jetty9-util-ajax', 'servlet-api'],
      ]),
    slow,
  ),
  tomcat: kind(
    'Java',
    'Tomcat (embedded)',
    'java',
    'libtomcat10-embed-java',
    (room) => java(room.folder, 'Main', tomcat(room), ['tomcat10-embed-core', 'tomcat10-embed-el']),
    slow,
  ),
} satisfies Readonly<Record<string, ServerKind>>;
