// `${NAME}` in a value stands for an environment variable; `$${` is a plain `${`. A variable that is not set is a fault, since
// an empty text in its place would be a different configuration.

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g

export function fillIn(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): { readonly text: string; readonly problems: readonly string[] } {
  const problems: string[] = []
  const filled = text.replace(VARIABLE, (whole: string, name: string | undefined) => {
    if (whole === '$${') return '${'
    if (name === undefined) {
      problems.push('${ must be followed by the name of a variable and }; write $${ for a plain ${')
      return ''
    }
    const value = variables[name]
    if (value === undefined) problems.push(`the environment variable ${name} is not set`)
    return value ?? ''
  })
  return { text: filled, problems }
}
