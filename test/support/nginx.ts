const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;

/** The lines of nginx.conf that keep its temporary files in a folder of the test. */
export function nginxPaths(folder: string): string {
  return kept.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
}
